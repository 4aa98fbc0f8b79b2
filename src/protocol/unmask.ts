/** Masking and unmasking in place (RFC 6455, 5.3). @module */

/**
 * Masks or unmasks octets in place (RFC 6455, 5.3); with key 0, they stay as they are.
 *
 * @param key Masking key, the octet for `bytes[from]` the lowest.
 * @returns A number with bit 7 of one of its octets set if one of the results is 0x80 or above; 0 if
 * they are all ASCII.
 */
export type Unmask = (bytes: Uint8Array, from: number, to: number, key: number) => number;

/** Bit 7 of each octet of a word: none is set in ASCII. */
const HIGH_BITS = 0x80808080 | 0;

/**
 * Number of octets below which a loop over octets is faster than words: on Node 24, 16 octets take
 * 32 ns and words 30, 32 take 57 and 72, 64 take 137 and 80, and 1 KiB 1600 and 240.
 */
const FEW = 48;

const scratch = new Uint8Array(4);
const scratchWord = new Int32Array(scratch.buffer);

/**
 * Words of the memory of the last call, which this keeps alive: creating a view takes longer than
 * unmasking 200 octets.
 */
let words: Int32Array = scratchWord;

/**
 * Returns a masking key for the octets from an offset of the payload on.
 *
 * @param key Masking key, the octet for the payload's first the lowest.
 * @param offset Number of octets of the payload before.
 */
export function rotateKey(key: number, offset: number): number {
  const bits = (offset & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function unmaskOctets(bytes: Uint8Array, from: number, to: number, key: number): number {
  let high = 0;
  for (let at = from, bits = 0; at < to; at++, bits = (bits + 8) & 31) {
    high |= bytes[at]! ^= (key >>> bits) & 0xff;
  }
  return high & 0x80;
}

/** Masks or unmasks by words of 32 bits, or octet by octet below 48. Available everywhere. */
export function unmaskWords(bytes: Uint8Array, from: number, to: number, key: number): number {
  if (to - from < FEW) return unmaskOctets(bytes, from, to, key);
  const { buffer, byteOffset } = bytes;
  if (words.buffer !== buffer) words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
  const start = from + (-(byteOffset + from) & 3);
  const count = (to - start) >>> 2;
  const end = start + (count << 2);
  const rotated = rotateKey(key, start - from);
  scratch[0] = rotated; // in the byte order of the machine
  scratch[1] = rotated >>> 8;
  scratch[2] = rotated >>> 16;
  scratch[3] = rotated >>> 24;
  const word = scratchWord[0]!;
  let high = 0;
  for (let at = (byteOffset + start) >>> 2, last = at + count; at < last; at++) {
    high |= words[at]! ^= word;
  }
  return (high & HIGH_BITS) | unmaskOctets(bytes, from, start, key) |
    unmaskOctets(bytes, end, to, rotated);
}
