/** A stream whose system takes as much as the test allows. @module */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import { setImmediate } from "node:timers";

type Written = (error?: Error | null) => void;

/** A piece that is not taken completely. */
interface Pending {
  rest: Uint8Array;
  readonly written: Written | undefined;
}

/**
 * A stream that keeps views of what it is given, as Node does, and reads them only when the system takes
 * them: so who changes that memory too early is found out.
 */
export class FakeStream {
  /** Number of bytes that the system has taken. */
  size = 0;
  /** Length of each piece that was written. */
  readonly pieces: number[] = [];
  /** Memory of each piece that the system has not taken yet. */
  readonly #pending: Pending[] = [];
  /** Number of bytes that the system still takes. */
  #room: number;
  /** Bytes that the system has taken, and that the test has not. */
  #taken: Buffer[] = [];
  #corks = 0;
  /** Whether {@linkcode FakeStream.end} was called. */
  isEnded = false;

  /** Creates a stream. The system takes `room` bytes at once. */
  constructor(room = Infinity) {
    this.#room = room;
  }

  /** Number of bytes that the system has not taken. A piece that is taken in part counts whole on Node. */
  get writableLength(): number {
    return this.#pending.reduce((sum, { rest }) => sum + rest.length, 0);
  }

  /** Number of bytes of memory that the pieces keep which are not taken. */
  get kept(): number {
    const memories = new Set(this.#pending.map(({ rest }) => rest.buffer));
    return [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Memories that the pieces keep which are not taken. */
  get memories(): readonly ArrayBufferLike[] {
    return this.#pending.map(({ rest }) => rest.buffer);
  }

  /** Returns the bytes that the system has taken since the last call. */
  take(): Buffer {
    return Buffer.concat(this.#taken.splice(0));
  }

  /** Returns them as characters. */
  takeText(): string {
    return this.take().toString("latin1");
  }

  /** Itself, for what wants a socket. */
  get socket(): Socket {
    return this as unknown as Socket;
  }

  /** Begins to keep pieces together. */
  cork(): void {
    this.#corks++;
  }

  /** Writes them. */
  uncork(): void {
    if (--this.#corks === 0) this.#take();
  }

  /** Writes a piece. */
  write(piece: Uint8Array, written?: Written): boolean {
    if (this.isEnded) throw new Error("write after end");
    this.pieces.push(piece.length);
    this.#pending.push({ rest: piece, written });
    if (this.#corks === 0) this.#take();
    return this.writableLength === 0;
  }

  /** Ends the stream. */
  end(): void {
    this.isEnded = true;
  }

  /** Makes the system take as many bytes more, and no further ones. */
  allow(room: number): void {
    this.#room = room;
    this.#take();
  }

  #take(): void {
    while (this.#pending.length > 0) {
      const first = this.#pending[0]!;
      const count = Math.min(this.#room, first.rest.length);
      if (count > 0) this.#taken.push(Buffer.from(first.rest.subarray(0, count)));
      this.size += count;
      first.rest = first.rest.subarray(count);
      this.#room -= count;
      if (first.rest.length > 0) return;
      this.#pending.shift();
      if (first.written !== undefined) process.nextTick(first.written);
    }
  }
}

/** Resolves when this tick is over, and what it has scheduled. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
