/** Tasks of the event loop, as opposed to microtasks. @module */

/** The one host timer that runs right after the present task, where there is one. */
declare const setImmediate: ((task: () => void) => unknown) | undefined;

/** Number of tasks queued so far: if it stays the same during a task, none follows from that. */
export let queuedTasks = 0;

const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** Browsers delay nested timers by 4 ms, and those of hidden pages by a second: a port does not wait. */
function post(task: () => void): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  waiting.push(task);
  channel.port2.postMessage(null);
}

/**
 * Runs a function in a later task. Functions run in the order in which they were given.
 *
 * @param task Function to run. It must not throw.
 */
export function queueTask(task: () => void): void {
  queuedTasks++;
  if (typeof setImmediate === "function") setImmediate(task);
  else (typeof MessageChannel === "function" ? post : setTimeout)(task); // jsdom has none
}

/** Reports an error as the platform does for any listener. */
export function reportLater(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError !== undefined) return reportError(error);
  queueTask(() => {
    throw error;
  });
}
