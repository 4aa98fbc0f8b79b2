/** Maximum number of pieces in which a frame may come. @module */

/** Minimum average size of the pieces of a frame, in bytes, where it comes in very many. */
const PIECE = 64;

/** Number of pieces in which any frame may come. */
const MIN_PIECES = 20_480;

/**
 * Returns the maximum number of pieces of a frame that may wait for the rest of it (RFC 6455, 10.4).
 * An engine that keeps them as TCP has brought them needs some hundred bytes of memory for each,
 * which `maxPayload` does not count.
 *
 * @param maxPayload Maximum number of bytes of a message.
 */
export function maxPieces(maxPayload: number): number {
  return Math.max(MIN_PIECES, Math.ceil(maxPayload / PIECE));
}
