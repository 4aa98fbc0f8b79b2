/** How much of the time that it wanted a process had on a processor. @module */

import { readFileSync } from "node:fs";

/** ns that the main thread of a process ran, and that it was ready to run but had to wait. */
function times(pid: number): readonly [ran: number, waited: number] {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
    return [Number(ran), Number(waited)];
  } catch {
    return [0, 0];
  }
}

/**
 * Begins to watch the main thread of a process.
 *
 * @returns What gives its share so far: 1 on a machine that has nothing else to do, 1/2 where it had
 * to wait as long as it ran; 1 also where the system does not tell.
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
