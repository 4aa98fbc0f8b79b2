/**
 * The Huffman code of HPACK (RFC 7541, appendix B), for reading.
 *
 * The code is canonical: codes of one length follow each other in the order of their symbols. So the
 * lengths are all that need be known.
 *
 * @module
 */

/** Lengths of the codes of the octets 0 to 255, as `length` or `length*times`. */
const LENGTHS = "13 23 28*7 24 30 28*2 30 28*8 30 28*9 6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 " +
  "6*7 7 8 15 6 12 10 13 6 7*22 8 7 8 13 19 13 14 6 15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 " +
  "15 11 14 13 28 20 22 20*2 22*3 23 22 23*5 24 23 24*2 22 23 24 23*4 21 22 23 22 23*2 24 22 21 " +
  "20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 22*3 23 22*2 23 26*2 20 19 22 " +
  "23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3 20 24 20 21 22 21*2 23 " +
  "22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26";

/** Length of the longest code, which is also that of the end of a string. */
const LONGEST = 30;

/** Number of bits of padding that may follow the last symbol. */
const MOST_PADDING = 7;

/** The symbols of each length, and the first code of that length. */
const byLength: readonly { readonly first: number; readonly symbols: readonly number[] }[] =
  (() => {
    const lengths = LENGTHS.split(" ").flatMap((run) => {
      const [length, times = "1"] = run.split("*");
      return Array.from({ length: Number(times) }, () => Number(length));
    });
    let code = 0;
    return Array.from({ length: LONGEST + 1 }, (_, length) => {
      const symbols = lengths.flatMap((one, symbol) => one === length ? [symbol] : []);
      const first = code;
      code = (code + symbols.length) * 2;
      return { first, symbols };
    });
  })();

/**
 * Decodes a string.
 *
 * @returns The octets; `undefined` if they are no such code, or the padding is wrong.
 */
export function decodeHuffman(octets: Uint8Array): Uint8Array | undefined {
  const found: number[] = [];
  let code = 0;
  let length = 0;
  for (const octet of octets) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + (octet >> bit & 1);
      if (++length > LONGEST) return undefined;
      const { first, symbols } = byLength[length]!;
      const symbol = symbols[code - first];
      if (symbol === undefined) continue;
      found.push(symbol);
      code = length = 0;
    }
  }
  // What is left is the beginning of the code of the end, which is all ones.
  const isPadding = length <= MOST_PADDING && code === 2 ** length - 1;
  return isPadding ? Uint8Array.from(found) : undefined;
}
