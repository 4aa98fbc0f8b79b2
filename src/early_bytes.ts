/** Bytes that a client sends before its handshake is answered. @module */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import type { Watch } from "./patience.ts";

/** Bytes that are kept. Beyond, reading stops: the rest waits at the client. */
const MAX_EARLY = 64 * 1024;

/**
 * Reads a connection that Node has handed over while a handler is at work: for the end of a
 * connection is seen only by whoever reads.
 */
export class EarlyBytes {
  readonly #stream: TcpSocket;
  readonly #chunks: Buffer[];
  #size: number;
  #left: (() => void) | undefined;
  #hasRead = false;

  /** Takes over what came in one packet with the handshake. */
  constructor(stream: TcpSocket, head: Buffer) {
    this.#stream = stream;
    this.#chunks = [head];
    this.#size = head.length;
  }

  /** Reads until the handler has answered. */
  readonly watch: Watch = (left) => {
    const stream = this.#stream;
    if (stream.destroyed) return void left();
    this.#hasRead = true;
    this.#left = left;
    stream.on("data", this.#read).on("end", left).on("close", left);
    if (this.#size >= MAX_EARLY) stream.pause();
    return this.#stop;
  };

  readonly #read = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= MAX_EARLY) this.#stream.pause();
  };

  readonly #stop = (): void => {
    const left = this.#left!;
    this.#stream.pause(); // nobody listens: what comes now must wait
    this.#stream.off("data", this.#read).off("end", left).off("close", left);
  };

  /** All that came, in its order. */
  take(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }

  /** Lets the connection flow again, for whoever reads it now. */
  resume(): void {
    if (this.#hasRead) this.#stream.resume();
  }
}
