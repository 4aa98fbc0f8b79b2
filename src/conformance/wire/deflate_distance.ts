/**
 * Distances in deflate data: zlib does not report that a message refers beyond the window.
 *
 * @module
 */

const LENGTH_EXTRA = [
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical Huffman code. */
interface Huffman {
  /** Number of symbols of each length. */
  readonly counts: Uint16Array;

  /** The symbols, in the order of their codes. */
  readonly symbols: Uint16Array;
}

function huffman(lengths: readonly number[]): Huffman {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const offsets = new Uint16Array(16);
  for (let length = 1; length < 15; length++) {
    offsets[length + 1] = offsets[length]! + counts[length]!;
  }
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => {
    if (length !== 0) symbols[offsets[length]!++] = symbol;
  });
  return { counts, symbols };
}

const FIXED = {
  literals: huffman(
    Array.from({ length: 288 }, (_, at) => at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8),
  ),
  distances: huffman(Array.from({ length: 30 }, () => 5)),
};

/** Reader of bits, the lowest first. */
class Bits {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get over(): boolean {
    return this.#at >= this.#octets.length * 8;
  }

  one(): number {
    const bit = (this.#octets[this.#at >> 3] ?? 0) >> (this.#at & 7) & 1;
    this.#at++;
    return bit;
  }

  take(count: number): number {
    let value = 0;
    for (let at = 0; at < count; at++) value |= this.one() << at;
    return value;
  }

  skipStored(): void {
    this.#at = (this.#at + 7) & ~7;
    const length = this.take(16);
    this.#at += 16 + length * 8;
  }

  symbol({ counts, symbols }: Huffman): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= 15; length++) {
      code |= this.one();
      const count = counts[length]!;
      if (code - count < first) return symbols[index + (code - first)]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }
}

/**
 * Returns the longest distance in deflate data; 0 if there is none, or the data are invalid.
 *
 * @param octets Payload of a compressed message, which ends before the last four octets (RFC 7692).
 */
export function longestDistance(octets: Uint8Array): number {
  const bits = new Bits(octets);
  let farthest = 0;
  while (!bits.over) {
    const final = bits.one();
    const type = bits.take(2);
    if (bits.over && type === 0) break;
    if (type === 3) return farthest;
    if (type === 0) {
      bits.skipStored();
    } else {
      const codes = type === 1 ? FIXED : readCodes(bits);
      farthest = Math.max(farthest, distanceInBlock(bits, codes.literals, codes.distances));
    }
    if (final) break;
  }
  return farthest;
}

function distanceInBlock(bits: Bits, literals: Huffman, distances: Huffman): number {
  let farthest = 0;
  while (!bits.over) {
    const symbol = bits.symbol(literals);
    if (symbol === 256 || symbol < 0) break;
    if (symbol < 256) continue;
    bits.take(LENGTH_EXTRA[symbol - 257] ?? 0);
    const code = bits.symbol(distances);
    if (code < 0) break;
    const extra = code < 4 ? 0 : (code >> 1) - 1;
    const base = code < 4 ? code + 1 : ((2 + (code & 1)) << extra) + 1;
    farthest = Math.max(farthest, base + bits.take(extra));
  }
  return farthest;
}

function readCodes(bits: Bits): { literals: Huffman; distances: Huffman } {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const count = bits.take(4) + 4;
  const order = new Array<number>(19).fill(0);
  for (let at = 0; at < count; at++) order[CODE_ORDER[at]!] = bits.take(3);
  const code = huffman(order);
  const lengths: number[] = [];
  while (lengths.length < literals + distances && !bits.over) {
    const symbol = bits.symbol(code);
    if (symbol < 0) break;
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    const value = symbol === 16 ? lengths.at(-1) ?? 0 : 0;
    const times = symbol === 16
      ? 3 + bits.take(2)
      : symbol === 17
      ? 3 + bits.take(3)
      : 11 + bits.take(7);
    for (let at = 0; at < times; at++) lengths.push(value);
  }
  return {
    literals: huffman(lengths.slice(0, literals)),
    distances: huffman(lengths.slice(literals, literals + distances)),
  };
}
