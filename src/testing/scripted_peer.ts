/** A client, as the script of a server sees it. @module */

import type { ServerSocket } from "../server/server_socket.ts";
import type { Direction } from "./memory/faults.ts";
import type { Interference, MemoryConnection } from "./memory/connection.ts";

/** The server's end of one connection, with what a script needs beside a socket. */
export class ScriptedPeer implements Interference {
  /** The socket itself: listeners, topics and the rest. Its binary messages are `ArrayBuffer`s. */
  readonly socket: ServerSocket;
  readonly #line: MemoryConnection;
  readonly #messages: (string | ArrayBuffer)[] = [];
  #wake: (() => void) | undefined;
  #end: CloseEvent | undefined;

  /** Takes a socket over. {@linkcode ScriptedServer.accept} calls it. */
  constructor(socket: ServerSocket, line: MemoryConnection) {
    this.socket = socket;
    this.#line = line;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.#messages.push(data);
      this.#wake?.();
    });
    socket.addEventListener("close", (event) => {
      this.#end = event;
      this.#wake?.();
    });
  }

  /** Resolves with the `close` event. */
  get closed(): Promise<CloseEvent> {
    return this.socket.closed;
  }

  /**
   * The next message of the client.
   *
   * @returns Resolves with a string or an `ArrayBuffer`.
   * @throws {Error} If the connection has ended instead.
   */
  async next(): Promise<string | ArrayBuffer> {
    while (this.#messages.length === 0) {
      if (this.#end !== undefined) {
        throw new Error(`Cannot go on: the connection has ended with code ${this.#end.code}`);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#messages.shift()!;
  }

  /** Sends the client a message. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    this.socket.send(data);
  }

  /** Begins the closing handshake, with any code that a server may send. */
  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  /** Breaks the connection: both ends get `error`, then `close` with 1006. */
  cut(): void {
    this.#line.cut();
  }

  /** Lets nothing through, in one direction or both: what is sent waits. */
  stall(direction?: Direction): void {
    this.#line.stall(direction);
  }

  /** Ends {@linkcode ScriptedPeer.stall}. */
  resume(direction?: Direction): void {
    this.#line.resume(direction);
  }

  /** Makes the connection half open: what either end sends vanishes, and neither is told. */
  vanish(): void {
    this.#line.vanish();
  }
}
