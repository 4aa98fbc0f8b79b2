/** Memory that all connections write their frames to. @module */

import { Buffer } from "node:buffer";
import type { FrameTarget } from "../../protocol/frame_target.ts";

/** Number of bytes of a slab. */
const SIZE = 256 * 1024;

/** Number of bytes from which on a frame gets memory of its own, and does not use up a slab. */
const LARGE = SIZE / 2;

/** Number of times its own length that a run may keep of a slab, if the system does not take it. */
const KEPT = 4;

/**
 * Memory to which the frames of all connections are written, one behind the other. A run of frames is
 * handed to the system without a copy, mostly in the same tick, and then its memory is used again.
 *
 * A run that the system has not taken completely stays where it is until it has: the frames that follow
 * go behind it, and when half of the memory is taken that way, new memory replaces it. Where the runs of
 * many connections leave together, those that are {@linkcode Slab.isFar | far} are copied first. So runs
 * that are not taken keep at most eight times their own size alive, and one slab.
 */
export class Slab implements FrameTarget {
  /** Memory of the frame that is being written: the shared memory, or a large frame's own. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Offset at which the frame that is being written begins. */
  start = 0;
  /** Offset after it. */
  end = 0;

  #shared: Uint8Array<ArrayBuffer>;
  /** `end` of the shared memory, while a large frame is written. */
  #sharedEnd = 0;
  /** Number of runs in the shared memory that are not handed to the system yet. */
  #runs = 0;
  /** Offset up to which the system, or a stream, still has the memory. */
  #floor = 0;
  readonly #flush: () => void;

  /**
   * Creates a slab.
   *
   * @param flush Hands all runs to the system. Called when the memory is full.
   * @param memory Memory to begin with.
   */
  constructor(flush: () => void, memory: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(SIZE)) {
    this.#flush = flush;
    this.bytes = this.#shared = memory;
  }

  /** Whether the frame that was written last has memory of its own. */
  get isOwn(): boolean {
    return this.bytes !== this.#shared;
  }

  reserve(size: number): void {
    if (this.isOwn) this.share();
    if (size > LARGE) {
      this.#sharedEnd = this.end;
      this.bytes = Buffer.allocUnsafeSlow(size);
      this.end = 0;
    } else if (size > this.bytes.length - this.end) {
      this.#flush();
      if (size > this.bytes.length - this.end) this.#replace();
    }
    this.start = this.end;
  }

  /** Goes back to the shared memory, after a large frame. */
  share(): void {
    this.bytes = this.#shared;
    this.end = this.#sharedEnd;
  }

  /** Returns whether a piece is in the shared memory, which is used again. */
  has(piece: Uint8Array): boolean {
    return piece.buffer === this.#shared.buffer;
  }

  /**
   * Returns whether a run is so far behind the memory that is taken that to leave it there would take
   * much more than its length: between it and that are runs of other connections.
   */
  isFar(run: Uint8Array): boolean {
    const to = run.byteOffset - this.#shared.byteOffset + run.length;
    return to - this.#floor > KEPT * run.length && this.has(run);
  }

  /** Counts a run that begins in the shared memory. Each is released once. */
  hold(): void {
    this.#runs++;
  }

  /**
   * Releases a run.
   *
   * @param run The run, if its memory is of this slab: others have no effect.
   * @param isTaken Whether nobody reads the memory any more.
   */
  release(run: Uint8Array, isTaken: boolean): void {
    if (!this.has(run)) return;
    const to = run.byteOffset - this.#shared.byteOffset + run.length;
    if (!isTaken && to > this.#floor) this.#floor = to;
    if (--this.#runs > 0) return;
    if (this.#floor > LARGE) this.#replace();
    else if (this.isOwn) this.#sharedEnd = this.#floor;
    else this.end = this.#floor;
  }

  #replace(): void {
    const isOwn = this.isOwn;
    this.#shared = Buffer.allocUnsafeSlow(SIZE);
    this.#runs = this.#floor = this.#sharedEnd = 0;
    if (isOwn) return;
    this.bytes = this.#shared;
    this.end = 0;
  }
}
