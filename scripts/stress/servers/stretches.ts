/** How long a process keeps its main thread to itself, in processor time. @module */

import { readFileSync } from "node:fs";

/** ms: between looks. */
const PERIOD = 10;

/** ms: a stretch that is shorter is not told. */
const LEAST = 50;

/** A time in which nothing else had a turn. */
export interface Stretch {
  /** ms of processor time of the main thread: what a busy machine made it wait is not in it. */
  readonly cpu: number;
  /** ms since the epoch. */
  readonly from: number;
  /** ms since the epoch. */
  readonly to: number;
}

/** ms that the main thread has run; `undefined` where the system does not say. */
function ran(): number | undefined {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return undefined;
  }
}

let stretches: Stretch[] = [];

/** Begins to look. */
export function watchStretches(): void {
  let [before, from] = [ran(), Date.now()];
  setInterval(() => {
    const [now, to] = [ran(), Date.now()];
    if (now !== undefined && before !== undefined && now - before >= LEAST) {
      stretches.push({ cpu: now - before, from, to });
    }
    [before, from] = [now, to];
  }, PERIOD);
}

/** The stretches since the last call. */
export function takeStretches(): readonly Stretch[] {
  const taken = stretches;
  stretches = [];
  return taken;
}
