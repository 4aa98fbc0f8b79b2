/** Frames that wait for a stream that is behind. @module */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";

/** Numbers of bytes of the first block of memory, and of the largest. */
const FIRST = 512, LARGEST = 64 * 1024;

/** Number of bytes from which on a piece is kept as it is, if its memory is its own. */
const LONG = 4 * 1024;

/**
 * Frames of one connection, from when its stream has not written all that it was given until it has. They
 * are joined in blocks: in a stream, a frame of two bytes would take 300 by itself.
 */
export class Backlog {
  /** Number of bytes that the stream has not been given yet. */
  size = 0;

  readonly #stream: TcpSocket;
  readonly #drained: () => void;
  #blocks: Buffer[] = [];
  /** Number of bytes of the last block that are used; 0 if it takes no more. */
  #used = 0;
  #next = FIRST;
  /** Whether the stream calls back. */
  #isWriting = false;

  /**
   * Creates a backlog.
   *
   * @param drained Called once the stream has written everything: then the backlog ends.
   */
  constructor(stream: TcpSocket, drained: () => void) {
    this.#stream = stream;
    this.#drained = drained;
  }

  /**
   * Adds a piece.
   *
   * @param isOwn Whether its memory is never changed: then a long piece is not copied.
   */
  add(piece: Buffer, isOwn: boolean): void {
    this.size += piece.length;
    if (isOwn && piece.length >= LONG) {
      this.#closeBlock();
      this.#blocks.push(piece);
      return;
    }
    let rest = piece;
    while (rest.length > 0) {
      const block = this.#used === 0 ? this.#open(rest.length) : this.#blocks.at(-1)!;
      const count = rest.copy(block, this.#used);
      this.#used += count;
      if (this.#used === block.length) this.#used = 0;
      rest = rest.subarray(count);
    }
  }

  /** Gives the stream what there is, unless it is still writing what it was given before. */
  write(): void {
    if (this.#isWriting) return;
    this.#closeBlock();
    const stream = this.#stream;
    const blocks = this.#blocks;
    const last = blocks.pop()!;
    this.#blocks = [];
    this.#next = FIRST;
    this.size = 0;
    this.#isWriting = true;
    stream.cork();
    for (const block of blocks) stream.write(block);
    stream.write(last, this.#written);
    stream.uncork();
  }

  readonly #written = (error?: Error | null): void => {
    this.#isWriting = false;
    if (error) return; // the stream is destroyed
    if (this.size > 0) this.write();
    else this.#drained();
  };

  #open(size: number): Buffer {
    const block = Buffer.allocUnsafeSlow(Math.max(this.#next, Math.min(size, LARGEST)));
    this.#next = Math.min(2 * this.#next, LARGEST);
    this.#blocks.push(block);
    return block;
  }

  #closeBlock(): void {
    if (this.#used === 0) return;
    this.#blocks.push(this.#blocks.pop()!.subarray(0, this.#used));
    this.#used = 0;
  }
}
