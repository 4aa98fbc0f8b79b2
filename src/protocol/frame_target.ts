/** Output of frames: the memory that they are written to. @module */

/** Memory that a `FrameWriter` writes frames to, one after the other. */
export interface FrameTarget {
  /** The memory. {@linkcode FrameTarget.reserve} may replace it. */
  readonly bytes: Uint8Array;

  /** Offset after the last frame. The writer advances it. */
  end: number;

  /**
   * Makes sure that `bytes` has room for at least `size` octets from `end` on. It may replace `bytes` and
   * change `end`, and then keeps the frames before it elsewhere.
   */
  reserve(size: number): void;
}

/** Initial number of bytes of a {@linkcode FrameBuffer}. */
const FIRST = 256;

/** Target that grows: for output outside of the adapters' shared memory, and for tests. */
export class FrameBuffer implements FrameTarget {
  /** The memory; replaced when it is full. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST);

  /** Offset after the last frame. */
  end = 0;

  /** Makes sure that there is room for `size` octets, and keeps the frames written so far. */
  reserve(size: number): void {
    const needed = this.end + size;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
  }

  /** Returns a copy of the frames written since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.end);
    this.end = 0;
    return taken;
  }
}
