/** Bytes that a client sends before its handshake is answered. @module */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Watch } from "../../server/handler_wait.ts";

/** Maximum number of bytes that are kept of what a client sends before it is answered. */
const MAX_EARLY = 64 * 1024;

/** A stream over a handle of the system's, in part. */
interface HandleStream extends Duplex {
  readonly _handle?: { readonly reading?: boolean } | null;
}

/**
 * Starts the handle of a connection. Node stops it while answers wait to be sent, and starts it again
 * only as long as the connection is its own: the stream would flow, and nothing would come.
 */
function startReading(stream: HandleStream): void {
  if (stream._handle?.reading === false) stream._read(0);
}

/** Keeps what a client sends before its handshake is answered, up to {@linkcode MAX_EARLY}. */
export class EarlyBytes {
  readonly #stream: Duplex;
  readonly #pieces: Buffer[];
  #size: number;

  /**
   * Begins to read, which is also how a client that leaves is noticed.
   *
   * @param head Bytes that came with the handshake.
   */
  constructor(stream: Duplex, head: Buffer) {
    this.#stream = stream;
    this.#pieces = [head];
    this.#size = head.length;
    stream.on("data", this.#keep);
    stream.on("end", this.#left);
    startReading(stream);
  }

  /** Watches for a client that leaves. */
  readonly watch: Watch = (left) => {
    const stream = this.#stream;
    if (stream.destroyed || stream.readableEnded) return void left();
    stream.on("end", left).on("close", left);
    return () => stream.off("end", left).off("close", left);
  };

  readonly #keep = (piece: Buffer): void => {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size >= MAX_EARLY) this.#stream.pause();
  };

  /** Ends the connection, as Node does for pages: what has been written still leaves. */
  readonly #left = (): void => {
    const stream = this.#stream;
    stream.end(() => stream.destroy());
  };

  /** Stops reading, and returns what has come. */
  take(): Buffer {
    this.#stop();
    const stream = this.#stream;
    stream.pause();
    Object.assign(stream, { readableFlowing: null }); // as Node hands it over
    return Buffer.concat(this.#pieces, this.#size);
  }

  /** Drops what has come, and all that will. */
  drop(): void {
    this.#stop();
    this.#stream.resume();
  }

  #stop(): void {
    this.#stream.off("data", this.#keep);
    this.#stream.off("end", this.#left);
  }
}
