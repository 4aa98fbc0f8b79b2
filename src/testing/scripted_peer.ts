/** An accepted client, as the script of a server sees it. @module */

import type { ServerSocket } from "../server/server_socket.ts";
import type { Direction } from "./memory/faults.ts";
import type { Interference, MemoryConnection } from "./memory/connection.ts";

/** Server's end of one connection: a socket, the client's messages in order, and faults. */
export class ScriptedPeer implements Interference {
  /** Socket at the server's end. Its binary messages are `ArrayBuffer`s. */
  readonly socket: ServerSocket;
  readonly #connection: MemoryConnection;
  readonly #messages: (string | ArrayBuffer)[] = [];
  #wake: (() => void) | undefined;
  #closeEvent: CloseEvent | undefined;

  /** Makes a peer of a socket. Called by {@linkcode ScriptedCall.accept}. */
  constructor(socket: ServerSocket, connection: MemoryConnection) {
    this.socket = socket;
    this.#connection = connection;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.#messages.push(data);
      this.#wake?.();
    });
    socket.addEventListener("close", (event) => {
      this.#closeEvent = event;
      this.#wake?.();
    });
  }

  /** Promise of the `close` event. */
  get closed(): Promise<CloseEvent> {
    return this.socket.closed;
  }

  /**
   * Waits for the next message of the client.
   *
   * @returns Resolves with a string or an `ArrayBuffer`.
   * @throws {Error} If the connection has ended instead.
   */
  async next(): Promise<string | ArrayBuffer> {
    while (this.#messages.length === 0) {
      if (this.#closeEvent !== undefined) {
        throw new Error(
          `Cannot go on: the connection has ended with code ${this.#closeEvent.code}`,
        );
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#messages.shift()!;
  }

  /** Sends a message to the client. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    this.socket.send(data);
  }

  /** Starts the closing handshake, with any code that a server may send. */
  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  /** Breaks the connection: both ends get `error`, then `close` with 1006. */
  cut(): void {
    this.#connection.cut();
  }

  /** Delivers nothing, in one direction or both: what is sent waits. */
  stall(direction?: Direction): void {
    this.#connection.stall(direction);
  }

  /** Ends {@linkcode ScriptedPeer.stall}. */
  resume(direction?: Direction): void {
    this.#connection.resume(direction);
  }

  /** Makes the connection half open: what either end sends is lost, without an event. */
  vanish(): void {
    this.#connection.vanish();
  }
}
