/**
 * What clients send in one run of the program, from the first `send()` to the next microtask:
 * `bufferedAmount` counts all of it, as nothing leaves while a task is running (WHATWG WebSockets,
 * `bufferedAmount`). Bun hands messages to the system in `send()`, and an engine may count the headers
 * of frames as well.
 *
 * Strings are measured only if a program asks, and the promise of a whole task is kept up to its first
 * microtask: so it costs one microtask for each run, and an idle socket nothing.
 *
 * @module
 */

import { utf8Length } from "./close_code.ts";
import { type Payload, sizeOf } from "./payload.ts";

/** What one sender has sent in the present run. */
interface Run {
  /** Number of bytes that were buffered before, and of those that have been measured. */
  bytes: number;
  /** Strings that have not been measured. */
  strings: string[];
}

/** The first that sends in a run: most often it is the only one. */
let first: WeakKey | undefined;
const firstRun: Run = { bytes: 0, strings: [] };
/** The others. */
const others: Map<WeakKey, Run> = new Map();

function endRun(): void {
  first = undefined;
  if (firstRun.strings.length > 0) firstRun.strings = [];
  if (others.size > 0) others.clear();
}

function runOf(sender: WeakKey): Run | undefined {
  return sender === first ? firstRun : others.get(sender);
}

function beginRun(sender: WeakKey, bytes: number): Run {
  if (first !== undefined) {
    const run: Run = { bytes, strings: [] };
    others.set(sender, run);
    return run;
  }
  first = sender;
  firstRun.bytes = bytes;
  queueMicrotask(endRun);
  return firstRun;
}

/**
 * Counts a message that is about to be sent.
 *
 * @param sender Sends it, and knows how many bytes are buffered before.
 */
export function countSent(sender: { readonly bufferedAmount: number }, data: Payload): void {
  const run = runOf(sender) ?? beginRun(sender, sender.bufferedAmount);
  if (typeof data === "string") run.strings.push(data);
  else run.bytes += sizeOf(data);
}

/** Returns how many bytes a sender has buffered by its present run; `undefined` if it has none. */
export function sentInTask(sender: WeakKey): number | undefined {
  const run = runOf(sender);
  if (run === undefined) return undefined;
  for (const text of run.strings) run.bytes += utf8Length(text);
  run.strings = [];
  return run.bytes;
}
