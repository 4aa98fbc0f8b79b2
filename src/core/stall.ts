/** A time limit for a peer that may have much to take first. @module */

import type { Clock } from "./clock.ts";

/** Number of looks at what is buffered within one time limit. */
const LOOKS = 8;

/**
 * Calls a function when a peer has done nothing for some time. That time begins when all that is
 * buffered for the peer has left, so that what was sent before a Close frame may take as long as it
 * takes; while the peer takes nothing of it, the time runs, too. What has left is in the memory of
 * systems and proxies yet, megabytes perhaps: the peer gets as long again as that took.
 *
 * @param milliseconds Length of that time.
 * @param buffered Returns the number of bytes that have not left.
 * @param stalled Function to call.
 * @returns A function that cancels the call.
 */
export function afterStall(
  clock: Clock,
  milliseconds: number,
  buffered: () => number,
  stalled: () => void,
): () => void {
  const begin = clock.now();
  let amount = buffered();
  let looks = 0;
  let cancel: () => void;
  const look = (): void => {
    const before = amount;
    amount = buffered();
    looks = amount < before ? 0 : looks + 1;
    if (looks === LOOKS) stalled();
    else wait();
  };
  const wait = (): void => {
    cancel = amount === 0
      ? clock.after(milliseconds + clock.now() - begin, stalled)
      : clock.after(milliseconds / LOOKS, look);
  };
  wait();
  return () => cancel();
}
