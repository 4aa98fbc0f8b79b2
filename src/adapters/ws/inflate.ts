/** How `ws` is told to bound what it inflates. @module */

import type { Transform } from "node:stream";

/** Where it inflates, ws counts in 32 bits with a sign. */
const MAX_INFLATED = 2 ** 31 - 1;

/** The option `maxPayload` of `ws`, where 0 is no limit. */
export function wsMaxPayload(maxPayload: number): number {
  return maxPayload === Infinity ? 0 : Math.min(maxPayload, MAX_INFLATED);
}

/**
 * How an inflater transforms a piece: as ever, but once it has failed, it calls nobody back. Deno's
 * does, and `ws` would take what it has till then for the message.
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
