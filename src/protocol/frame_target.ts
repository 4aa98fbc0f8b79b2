/** Memory that frames are written to. @module */

/** Memory that a `FrameWriter` writes frames to, one behind the other. */
export interface FrameTarget {
  /** The memory; may be another one after each {@linkcode FrameTarget.reserve}. */
  readonly bytes: Uint8Array;

  /** Offset behind the last frame. Writers move it on. */
  end: number;

  /**
   * Sees to it that from `end` on, `bytes` has at least `size` octets. Where frames before it lie is
   * the target's own affair: it may begin another memory for what comes.
   */
  reserve(size: number): void;
}

/** Number of bytes of a {@linkcode FrameBuffer} at first. */
const FIRST = 256;

/** Target in memory that grows: for what is sent by hand, and for tests. */
export class FrameBuffer implements FrameTarget {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST);
  end = 0;

  reserve(size: number): void {
    const needed = this.end + size;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
  }

  /** Returns a copy of what was written since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.end);
    this.end = 0;
    return taken;
  }
}
