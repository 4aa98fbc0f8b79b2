/** Views and copies that let no other memory escape. @module */

/**
 * Returns the same octets as a `Uint8Array` and no subclass: for `slice()` of a Node `Buffer` is a view
 * of the same memory.
 */
export function plainView(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Returns a copy in memory of its own. On Node, Deno and Bun nothing is cheaper for any size: on Node
 * 16 bytes take a tenth of the time of `buffer.slice()`, 1 KiB three quarters, 16 KiB the same.
 *
 * @param bytes No subclass: see {@linkcode plainView}.
 */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  return bytes.slice(from, to) as Uint8Array<ArrayBuffer>;
}

/** Returns the same octets in memory that they span whole: a copy, unless they do already. */
export function spanning(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const plain = plainView(bytes);
  const whole = plain.length === plain.buffer.byteLength;
  return whole ? plain as Uint8Array<ArrayBuffer> : copyOf(plain, 0, plain.length);
}
