/** Share of a processor that a process got of the time in which it was ready to run. @module */

import { readFileSync } from "node:fs";

/** Returns the nanoseconds that the main thread of a process ran, and that it waited ready to run. */
function times(pid: number): readonly [ran: number, waited: number] {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
    return [Number(ran), Number(waited)];
  } catch {
    return [0, 0];
  }
}

/**
 * Starts watching the main thread of a process.
 *
 * @returns Function that returns its share so far: 1 on an idle machine, 1/2 if it waited as long as
 * it ran; 1 also if the system does not report it.
 */
export function watchProcessor(pid: number): () => number {
  const [before, waitedBefore] = times(pid);
  return () => {
    const [after, waitedAfter] = times(pid);
    const ran = after - before;
    const waited = waitedAfter - waitedBefore;
    return ran > 0 && waited >= 0 ? ran / (ran + waited) : 1;
  };
}
