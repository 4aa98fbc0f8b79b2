/** How a message is compressed: permessage-deflate without the algorithm (RFC 7692, 7.2). @module */

/**
 * Outcome of {@linkcode Inflater.inflate}: the message; `"malformed"` if its octets are no deflate
 * stream; `"too-long"` if it has more than `maxLength` octets.
 */
export type Inflated = Uint8Array | "malformed" | "too-long";

/**
 * Inflates the messages of one connection; without context takeover, of any number of them. With
 * zlib: `inflateRawSync(message, { finishFlush: Z_SYNC_FLUSH, maxOutputLength: maxLength })`.
 */
export interface Inflater {
  /**
   * Inflates a message.
   *
   * @param deflated The message and the four octets that its sender left out (7.2.2), in memory that
   * is the inflater's own from now on.
   * @param maxLength Maximum number of octets to inflate to, so that no small message takes a lot of
   * memory. May be `Infinity`.
   * @returns The outcome; or `"pending"`, for a long message that is inflated elsewhere: then the
   * receiver stops where it is, until it is given the outcome by `Receiver.inflated()`.
   */
  inflate(deflated: Uint8Array<ArrayBuffer>, maxLength: number): Inflated | "pending";
}

/**
 * Compresses the messages of one connection; without context takeover, of any number of them. With
 * zlib: `deflateRawSync(message, { finishFlush: Z_SYNC_FLUSH })`.
 */
export interface Deflater {
  /** Whether messages refer to those before (7.1.1), so that none may be left out. Default: no. */
  readonly contextTakeover?: boolean;

  /** Returns a message as a deflate stream that ends with an empty stored block (7.2.1). */
  deflate(message: Uint8Array): Uint8Array;
}

/** Number of octets that end an empty stored block: 00 00 ff ff. */
export const TAIL_LENGTH = 4;

/** A compressed message without octets: the first of an empty stored block (7.2.3.6). */
const EMPTY_MESSAGE: Uint8Array = Uint8Array.of(0);

/** Returns a deflate stream without the four octets that end it and do not travel (7.2.1). */
export function cutTail(stream: Uint8Array): Uint8Array {
  const length = stream.length - TAIL_LENGTH;
  return length > 0 ? stream.subarray(0, length) : EMPTY_MESSAGE;
}

/** Writes the four octets that a compressed message's sender left out (7.2.2). */
export function writeTail(bytes: Uint8Array, at: number): void {
  bytes[at] = bytes[at + 1] = 0;
  bytes[at + 2] = bytes[at + 3] = 0xff;
}

/**
 * Returns the number of octets that a message of `maxLength` octets can take when compressed: zlib's
 * bound for the worst settings (`deflateBound`), an eighth and a 64th longer. A message that gains
 * nothing may so be longer on the wire than the limit it keeps.
 */
export function maxCompressedLength(maxLength: number): number {
  return maxLength + Math.ceil(maxLength / 8) + Math.ceil(maxLength / 64) + 16;
}
