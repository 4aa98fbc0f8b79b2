/** The load's end of a connection: raw TCP that can do what no WebSocket API would. @module */

import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { CLOSE, frame, FrameScanner, PING, PONG } from "./frames.ts";

/** ms: how long a server may take to end a connection that it has to end. */
const ENDING = 20_000;

/** Connections that are opened side by side: fewer than a server lets wait for being accepted. */
export const OPENING = 128;

/** Where a server is, and how it is asked. */
export interface Address {
  readonly port: number;
  /** @default {"127.0.0.1"} */
  readonly host?: string;
  /** @default {"/"} */
  readonly path?: string;
  /** Further lines of the request, each with its line break. */
  readonly lines?: string;
  /** Another address of this machine, for more than one address has ports. */
  readonly localAddress?: string;
}

/** The request of an opening handshake. */
export function upgradeRequest(
  { port, host = "127.0.0.1", path = "/", lines = "" }: Address,
): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines}\r\n`;
}

/** Opens a TCP connection to a server. What it is sent is up to the caller. */
export function openTcp({ port, host = "127.0.0.1", localAddress }: Address): Socket {
  const stream = connect({ port, host, noDelay: true, ...(localAddress && { localAddress }) });
  stream.on("error", ignore); // `close` tells the same
  return stream;
}

function ignore(): void {}

/**
 * Ends a connection with RST; one that the server has ended, without. Node fails to reset a
 * connection that it is shutting down, and then never emits `close`.
 */
export function reset(stream: Socket): void {
  if (stream.writable) stream.resetAndDestroy();
  else stream.destroy();
}

/** How a connection ended, as this end saw it. */
export interface ConnectionEnd {
  /** The code of the server's Close frame, 1005 for an empty one; `undefined` without a frame. */
  readonly code: number | undefined;
  /** The system's error, for instance `"ECONNRESET"`. */
  readonly error: string | undefined;
}

/** A client. It answers Pings, and Close frames. */
export class LoadClient {
  /** The connection. */
  readonly stream: Socket;
  /** Resolves with the head of the answer, if that is 101; else it is rejected. */
  readonly opened: Promise<string>;
  /** Resolves when the connection is gone. */
  readonly ended: Promise<ConnectionEnd>;
  /** Told of each message, or part of one. The bytes are the stream's: copy what is kept. */
  onmessage: ((payload: Buffer, opcode: number, fin: boolean) => void) | undefined;
  /** Told of each Pong. */
  onpong: ((payload: Buffer) => void) | undefined;
  /** Whether the connection is gone, or about to be. */
  over = false;

  #code: number | undefined;
  #head = "";
  readonly #reader = new FrameScanner((...found) => this.#found(...found));

  /** Connects, and asks for an upgrade. */
  constructor(address: Address) {
    this.stream = openTcp(address);
    const opened = Promise.withResolvers<string>();
    opened.promise.catch(ignore); // nobody need wait for it
    this.opened = opened.promise;
    let isOpen = false;
    let error: string | undefined;
    this.stream.on("error", (it: NodeJS.ErrnoException) => error = it.code);
    this.stream.on("data", (chunk: Buffer) => {
      if (isOpen) return this.#reader.read(chunk);
      this.#head += chunk.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = this.#head.slice(0, end);
      if (!head.startsWith("HTTP/1.1 101 ")) return opened.reject(new Error(head));
      isOpen = true;
      opened.resolve(head);
      const rest = this.#head.length - end - 4;
      this.#head = "";
      if (rest > 0) this.#reader.read(chunk.subarray(chunk.length - rest));
    });
    this.ended = new Promise((resolve) => {
      this.stream.on("close", () => {
        this.over = true;
        opened.reject(new Error(error ?? "The server ended the connection"));
        resolve({ code: this.#code, error });
      });
    });
    this.stream.write(upgradeRequest(address));
  }

  /** Opens many, some at a time. */
  static async open(count: number, address: Address, opening = OPENING): Promise<LoadClient[]> {
    const clients: LoadClient[] = [];
    while (clients.length < count) {
      const some = Array.from(
        { length: Math.min(opening, count - clients.length) },
        () => new LoadClient(address),
      );
      await Promise.all(some.map((client) => client.opened));
      clients.push(...some);
    }
    return clients;
  }

  /** Sends a frame. */
  send(opcode: number, payload?: Uint8Array | string): void {
    this.write(frame(opcode, payload));
  }

  /** Writes bytes. */
  write(bytes: Uint8Array): void {
    if (this.stream.writable) this.stream.write(bytes);
  }

  /** Resolves when what was written has left. */
  async drained(): Promise<void> {
    const { stream } = this;
    if (!stream.writableNeedDrain || this.over) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off("drain", done);
        stream.off("close", done);
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
  }

  /** Ends in good order. */
  close(): Promise<ConnectionEnd> {
    this.over = true;
    this.write(frame(CLOSE, Uint8Array.of(1000 >> 8, 1000 & 0xff)));
    return this.gone();
  }

  /** Waits for the server to end the connection; but not for ever. */
  async gone(): Promise<ConnectionEnd> {
    const timer = setTimeout(() => this.stream.destroy(), ENDING);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Sends RST. */
  reset(): void {
    this.over = true;
    reset(this.stream);
  }

  #found(opcode: number, payload: Buffer, fin: boolean): void {
    if (opcode < CLOSE) this.onmessage?.(payload, opcode, fin);
    else if (opcode === PING) this.send(PONG, payload);
    else if (opcode === PONG) this.onpong?.(payload);
    else {
      this.#code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      if (!this.over) this.send(CLOSE, payload.subarray(0, 2));
      this.over = true;
      this.stream.end();
    }
  }
}
