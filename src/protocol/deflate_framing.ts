/** Framing of permessage-deflate, without the algorithm (RFC 7692, 7.2). @module */

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
   * @param deflated The message with the four octets that its sender removed (7.2.2). The inflater may
   * keep and change this memory.
   * @param maxLength Maximum number of octets to inflate to, at most 2⁵³ − 1, so that a short message
   * cannot take a lot of memory.
   * @returns The outcome; or `"pending"` for a message that is inflated asynchronously: then the receiver
   * pauses until `Receiver.inflated()` is called with the outcome.
   */
  inflate(deflated: Uint8Array<ArrayBuffer>, maxLength: number): Inflated | "pending";
}

/**
 * Compresses the messages of one connection; without context takeover, of any number of them. With
 * zlib: `deflateRawSync(message, { finishFlush: Z_SYNC_FLUSH })`.
 */
export interface Deflater {
  /**
   * Whether messages refer to earlier ones (7.1.1): then each must be sent as it was compressed.
   *
   * @default {false}
   */
  readonly contextTakeover?: boolean;

  /**
   * Compresses a message.
   *
   * @returns A deflate stream that ends with an empty stored block (7.2.1); `undefined` for a message
   * that is to be sent as it is, for instance because it is too long. Then it is no part of the context.
   */
  deflate(message: Uint8Array): Uint8Array | undefined;
}

/** Number of octets that end an empty stored block: 00 00 ff ff. */
export const TAIL_LENGTH = 4;

/** An empty message, compressed: the first octet of an empty stored block (7.2.3.6). */
const EMPTY_MESSAGE: Uint8Array = Uint8Array.of(0);

/** Returns a deflate stream without its last four octets, which are not sent (7.2.1). */
export function cutTail(stream: Uint8Array): Uint8Array {
  const length = stream.length - TAIL_LENGTH;
  return length > 0 ? stream.subarray(0, length) : EMPTY_MESSAGE;
}

/** Writes the four octets that the sender of a compressed message removed (7.2.2). */
export function writeTail(bytes: Uint8Array, at: number): void {
  bytes[at] = bytes[at + 1] = 0;
  bytes[at + 2] = bytes[at + 3] = 0xff;
}

/**
 * Returns the maximum number of octets of a compressed message of `maxLength` octets: zlib's bound for
 * the worst settings (`deflateBound`), an eighth and a 64th more. Data that cannot be compressed gets
 * longer, and must not fail for it.
 */
export function maxCompressedLength(maxLength: number): number {
  return maxLength + Math.ceil(maxLength / 8) + Math.ceil(maxLength / 64) + 16;
}
