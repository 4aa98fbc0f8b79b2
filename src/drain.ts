/**
 * Finds out when what waits has left. Of the runtimes, some tell of it, some tell too early, most do
 * not: so all sockets that are clogged are looked at by one timer, and there is none when none is.
 *
 * @module
 */

/** Something that may be clogged. */
export interface Clogged {
  /** Looks how much still waits. Returns whether that is little enough. */
  look(): boolean;
}

/** How often, in milliseconds: at a mebibyte a time, 200 MB a second can leave. */
const LOOK = 5;

const clogged = new Set<Clogged>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Looks at something until it says that little enough waits. */
export function watchDrain(it: Clogged): void {
  clogged.add(it);
  timer ??= setInterval(lookAtAll, LOOK);
}

/** Looks no longer. */
export function forgetDrain(it: Clogged): void {
  clogged.delete(it);
  if (clogged.size > 0) return;
  clearInterval(timer); // it would keep the process alive
  timer = undefined;
}

function lookAtAll(): void {
  for (const it of clogged) if (it.look()) forgetDrain(it);
}
