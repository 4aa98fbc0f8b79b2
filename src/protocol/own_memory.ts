/** Copies of messages into memory of their own. @module */

/**
 * Returns a view of the same memory that is no subclass of `Uint8Array`: `slice()` of a Node `Buffer`
 * does not copy.
 */
export function plainView(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Returns a copy in memory of its own. `slice()` is the fastest way for all sizes on Node, Deno and Bun:
 * on Node, 16 bytes take a tenth of the time of `buffer.slice()`, 1 KiB three quarters, 16 KiB the same.
 *
 * @param bytes No subclass of `Uint8Array`: see {@linkcode plainView}.
 */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  return bytes.slice(from, to) as Uint8Array<ArrayBuffer>;
}

/** Returns a view that spans its whole memory: of the same memory if it does so already, else a copy. */
export function spanning(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const plain = plainView(bytes);
  const whole = plain.length === plain.buffer.byteLength;
  return whole ? plain as Uint8Array<ArrayBuffer> : copyOf(plain, 0, plain.length);
}
