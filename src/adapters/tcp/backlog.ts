/** Frames that wait for a stream that is behind. @module */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";

/** Numbers of bytes of the first block of memory, and of the largest. */
const FIRST = 512, LARGEST = 64 * 1024;

/** Number of bytes from which on a piece is kept as it is, if its memory is its own. */
const LONG = 4 * 1024;

/**
 * Number of bytes that the stream is given at once. It reports what is written only when all of that is,
 * and `bufferedAmount` has to fall while a slow peer takes a long message.
 */
export const AT_ONCE: number = 256 * 1024;

/**
 * Frames of one connection, from when its stream has not written all that it was given until it has. They
 * are joined in blocks: in a stream, a frame of two bytes would take 300 by itself.
 */
export class Backlog {
  /** Number of bytes that the stream has not been given yet. */
  size = 0;

  readonly #stream: TcpSocket;
  readonly #drained: () => void;
  #pieces: Buffer[] = [];
  /** Memory that short pieces are copied to. */
  #block: Buffer | undefined;
  /** Offset in it up to which it is among the pieces. */
  #from = 0;
  /** Number of its bytes that are used. */
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
      this.#cut();
      this.#pieces.push(piece);
      return;
    }
    let rest = piece;
    while (rest.length > 0) {
      const block = this.#block ??= this.#allocate(rest.length);
      const count = rest.copy(block, this.#used);
      this.#used += count;
      if (this.#used === block.length) this.#closeBlock();
      rest = rest.subarray(count);
    }
  }

  /** Gives the stream what there is, unless it is still writing what it was given before. */
  write(): void {
    if (this.#isWriting) return;
    this.#closeBlock();
    const stream = this.#stream;
    const pieces = this.#takePieces();
    const last = pieces.pop()!;
    this.#next = FIRST;
    this.#isWriting = true;
    stream.cork();
    for (const piece of pieces) stream.write(piece);
    stream.write(last, this.#written);
    stream.uncork();
  }

  /** Takes the first pieces, or a part of the first one. */
  #takePieces(): Buffer[] {
    const all = this.#pieces;
    let size = 0;
    let count = 0;
    while (count < all.length && size + all[count]!.length <= AT_ONCE) size += all[count++]!.length;
    if (count > 0) {
      this.size -= size;
      return all.splice(0, count);
    }
    const [first] = all as [Buffer];
    all[0] = first.subarray(AT_ONCE);
    this.size -= AT_ONCE;
    return [first.subarray(0, AT_ONCE)];
  }

  readonly #written = (error?: Error | null): void => {
    this.#isWriting = false;
    if (error) return; // the stream is destroyed
    if (this.size > 0) this.write();
    else this.#drained();
  };

  #allocate(size: number): Buffer {
    const length = Math.max(this.#next, Math.min(size, LARGEST));
    this.#next = Math.min(2 * this.#next, LARGEST);
    return Buffer.allocUnsafeSlow(length);
  }

  /** Puts what is new in the block among the pieces. The rest of it takes what follows a long piece. */
  #cut(): void {
    if (this.#block === undefined || this.#used === this.#from) return;
    this.#pieces.push(this.#block.subarray(this.#from, this.#used));
    this.#from = this.#used;
  }

  #closeBlock(): void {
    this.#cut();
    this.#block = undefined;
    this.#from = this.#used = 0;
  }
}
