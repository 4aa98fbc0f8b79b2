/** The window of a compressor or an inflater. @module */

/** Number of bytes that the memory begins with: most connections are idle. */
const FIRST = 1024;

/**
 * The last bytes of a stream, in one piece. Memory grows with what was added, up to the size of the
 * window.
 */
export class RecentBytes {
  readonly #size: number;
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  /**
   * Creates an empty window.
   *
   * @param size Maximum number of bytes that are kept.
   */
  constructor(size: number) {
    this.#size = size;
  }

  /** The bytes: a view that is valid until the next {@linkcode RecentBytes.add}. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#length);
  }

  /** Adds bytes, which are copied, and drops the oldest ones beyond the size. */
  add(bytes: Uint8Array): void {
    const added = bytes.length > this.#size ? bytes.subarray(bytes.length - this.#size) : bytes;
    const kept = Math.min(this.#length, this.#size - added.length);
    const length = kept + added.length;
    const start = this.#length - kept;
    if (length > this.#memory.length) {
      const wanted = Math.max(FIRST, 2 * this.#memory.length, length);
      const grown = new Uint8Array(Math.min(this.#size, wanted));
      grown.set(this.#memory.subarray(start, this.#length));
      this.#memory = grown;
    } else if (start > 0) {
      this.#memory.copyWithin(0, start, this.#length);
    }
    this.#memory.set(added, kept);
    this.#length = length;
  }
}
