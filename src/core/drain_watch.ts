/**
 * Finds out when buffered messages have left. Of the runtimes, some report it, some report it too
 * early, most do not: so one timer checks all backlogged sockets, and there is none when none is.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Something that can be backlogged. */
export interface Backlogged {
  /** Source of time. */
  readonly clock: Clock;
  /** Checks what is still buffered. Returns whether no further check is needed. */
  checkDrained(): boolean;
}

/** Milliseconds between two checks: at a mebibyte a time, 200 MB a second can leave. */
const INTERVAL = 5;

/** All that is backlogged, by one clock. */
class Watch extends Set<Backlogged> {
  /** Cancels the next check. */
  declare cancel: () => void;
}

const watches: Map<Clock, Watch> = new Map();

/** Checks something regularly until it has drained. */
export function watchDrain(it: Backlogged): void {
  const { clock } = it;
  let watch = watches.get(clock);
  if (watch === undefined) {
    watches.set(clock, watch = new Watch());
    checkLater(clock, watch);
  }
  watch.add(it);
}

/** Checks something no longer. */
export function forgetDrain(it: Backlogged): void {
  const watch = watches.get(it.clock);
  if (!watch?.delete(it) || watch.size > 0) return;
  watch.cancel(); // it would keep the process alive
  watches.delete(it.clock);
}

function checkLater(clock: Clock, watch: Watch): void {
  watch.cancel = clock.after(INTERVAL, () => {
    for (const it of watch) if (it.checkDrained()) forgetDrain(it);
    if (watch.size > 0) checkLater(clock, watch);
  });
}
