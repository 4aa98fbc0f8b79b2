/** The options of `ws` that bound the memory and the time that a connection takes. @module */

import type { Transform } from "node:stream";
import { maxPieces } from "./max_pieces.ts";
import { WRITES_FRAMES } from "./socket.ts";

/** Maximum of the option `maxPayload`: when it inflates, `ws` counts in 32 bits with a sign. */
const MAX_INFLATED = 2 ** 31 - 1;

/** Stands for no limit where `ws` counts something: it has no such value, and counts in 31 bits. */
const UNBOUNDED = 16 * 1024 * 1024;

/** ms: the longest time that timers take. */
const FOR_EVER = 0x7fffffff;

/**
 * Returns the options of `ws` that bound what a message costs. Fragments may be many: see
 * {@linkcode JoiningReceiver}. `ws` drops a peer at 60 Pongs that wait, fewer than one packet can ask
 * for: links answer Pings themselves.
 *
 * @param maxPayload Maximum number of bytes of a message; `Infinity` for no limit.
 */
export function limitOptions(maxPayload: number): Readonly<Record<string, unknown>> {
  return {
    maxPayload: maxPayload === Infinity ? 0 : Math.min(maxPayload, MAX_INFLATED), // 0: no limit
    maxFragments: UNBOUNDED,
    maxBufferedChunks: Math.min(maxPieces(maxPayload), UNBOUNDED),
    autoPong: !WRITES_FRAMES,
  };
}

/**
 * Returns the option `closeTimeout` of `ws`, which takes 0 for no time at all.
 *
 * @param closeTimeout Time limit in milliseconds; 0 for none.
 */
export function closeTimeoutOf(closeTimeout: number): number {
  return closeTimeout || FOR_EVER;
}

/**
 * Inflates a piece, but does not call back after a failure. Deno's inflater does, and `ws` would take
 * what it has by then for the message.
 */
function transform(
  this: Transform,
  piece: unknown,
  encoding: "utf8",
  done: (error?: Error | null, data?: unknown) => void,
): void {
  const inflate: Transform["_transform"] = Object.getPrototypeOf(this)._transform;
  inflate.call(this, piece, encoding, (error, data) => {
    if (!this.destroyed) done(error, data);
  });
}

/** The option `zlibInflateOptions` of `ws`. */
export const INFLATE_OPTIONS: Readonly<Record<string, unknown>> = { transform };
