/**
 * Finds out when what waits has left. Of the runtimes, some tell of it, some tell too early, most do
 * not: so all sockets that are clogged are looked at by one timer, and there is none when none is.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Something that may be clogged. */
export interface Backlogged {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Checks what is still buffered. Returns whether no further check is needed. */
  checkDrained(): boolean;
}

/** How often, in milliseconds: at a mebibyte a time, 200 MB a second can leave. */
const LOOK = 5;

/** All that is clogged by one clock. */
class Watch extends Set<Backlogged> {
  /** Takes back the next look. */
  declare cancel: () => void;
}

const watches: Map<Clock, Watch> = new Map();

/** Looks at something until it says that little enough waits. */
export function watchDrain(it: Backlogged): void {
  const { clock } = it;
  let watch = watches.get(clock);
  if (watch === undefined) {
    watches.set(clock, watch = new Watch());
    lookLater(clock, watch);
  }
  watch.add(it);
}

/** Looks no longer. */
export function forgetDrain(it: Backlogged): void {
  const watch = watches.get(it.clock);
  if (!watch?.delete(it) || watch.size > 0) return;
  watch.cancel(); // it would keep the process alive
  watches.delete(it.clock);
}

function lookLater(clock: Clock, watch: Watch): void {
  watch.cancel = clock.after(LOOK, () => {
    for (const it of watch) if (it.checkDrained()) forgetDrain(it);
    if (watch.size > 0) lookLater(clock, watch);
  });
}
