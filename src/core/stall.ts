/** A time limit for a peer that may have much to take first. @module */

import type { Clock } from "./clock.ts";

/** ms: longest time between two looks at what is buffered. There are 8 of them at least. */
const INTERVAL = 100;

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
  let since = begin;
  let amount = buffered();
  let cancel: () => void;
  const wait = (): void => {
    cancel = amount === 0
      ? clock.after(milliseconds + Math.max(0, clock.now() - begin), stalled) // clocks can be set back
      : clock.after(Math.min(milliseconds / 8, INTERVAL), look);
  };
  const look = (): void => {
    const before = amount;
    const now = clock.now();
    amount = buffered();
    if (amount < before || now < since) since = now;
    if (now - since >= milliseconds) stalled();
    else wait();
  };
  wait();
  return () => cancel();
}
