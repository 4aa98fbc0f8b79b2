/** Huffman codes of DEFLATE (RFC 1951, 3.2.2). @module */

/** Maximum number of bits of a code. */
const MAX_BITS = 15;

/** A Huffman code as a binary tree. */
export class HuffmanCode {
  /**
   * Branches of the nodes: `tree[2 * node + bit]` is the next node, the bitwise complement of a symbol
   * (hence negative), or 0 for an unused code. Node 0 is the root.
   */
  readonly tree: Int16Array;

  /** Whether every sequence of bits has exactly one meaning. */
  readonly isComplete: boolean;

  /**
   * Whether it is complete, or one of the incomplete codes that zlib accepts, too: a single symbol of one
   * bit, or no symbols, which is an error only if something is decoded by it.
   */
  readonly isValid: boolean;

  /**
   * Creates a code from its lengths.
   *
   * @param lengths Number of bits of each symbol's code; 0 for a symbol that does not occur.
   */
  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(MAX_BITS + 1);
    for (const length of lengths) counts[length]!++;
    const codes = new Uint16Array(MAX_BITS + 2);
    let left = 1, longest = 0;
    for (let length = 1; length <= MAX_BITS && left >= 0; length++) {
      left = left * 2 - counts[length]!;
      if (counts[length]! > 0) longest = length;
      codes[length + 1] = (codes[length]! + counts[length]!) << 1;
    }
    this.isComplete = left === 0;
    this.isValid = this.isComplete || (left > 0 && longest <= 1);
    this.tree = new Int16Array(2 * lengths.length); // a node for each symbol but one
    if (this.isValid) this.#grow(lengths, codes);
  }

  #grow(lengths: Uint8Array, codes: Uint16Array): void {
    const { tree } = this;
    let nodes = 1;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length === 0) continue;
      const code = codes[length]!++;
      let node = 0;
      for (let bit = length - 1; bit > 0; bit--) {
        const branch = 2 * node + ((code >> bit) & 1);
        node = tree[branch] ||= nodes++;
      }
      tree[2 * node + (code & 1)] = ~symbol;
    }
  }
}
