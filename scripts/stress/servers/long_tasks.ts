/** Long tasks of a process: times in which its main thread runs without yielding. @module */

import { readFileSync } from "node:fs";

/** Milliseconds between two checks. */
const PERIOD = 10;

/** Minimum processor time of a long task, in milliseconds. */
const LEAST = 50;

/** A time in which the main thread did not yield. */
export interface LongTask {
  /** Processor time of the main thread, in milliseconds, without waiting on a busy machine. */
  readonly cpu: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Milliseconds since the epoch. */
  readonly to: number;
}

/** Returns the milliseconds that the main thread has run; `undefined` if the system does not report it. */
function ran(): number | undefined {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return undefined;
  }
}

let longTasks: LongTask[] = [];

/** Starts watching. */
export function watchLongTasks(): void {
  let [before, from] = [ran(), Date.now()];
  setInterval(() => {
    const [now, to] = [ran(), Date.now()];
    if (now !== undefined && before !== undefined && now - before >= LEAST) {
      longTasks.push({ cpu: now - before, from, to });
    }
    [before, from] = [now, to];
  }, PERIOD);
}

/** Returns the long tasks since the last call. */
export function takeLongTasks(): readonly LongTask[] {
  const taken = longTasks;
  longTasks = [];
  return taken;
}
