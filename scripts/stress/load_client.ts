/** Clients of the load: raw TCP, which can also send what no WebSocket API would send. @module */

import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { CLOSE, frame, FrameScanner, PING, PONG } from "./frames.ts";

/** Milliseconds that a server has to end a connection. */
const ENDING = 20_000;

/** Number of connections that are opened concurrently: fewer than a server's backlog. */
export const OPENING = 128;

/** Address of a server, and parameters of the request. */
export interface Address {
  readonly port: number;
  /** @default {"127.0.0.1"} */
  readonly host?: string;
  /** @default {"/"} */
  readonly path?: string;
  /** Further lines of the request, each with its line break. */
  readonly lines?: string;
  /** Local address of the client, for more connections than one address has ports. */
  readonly localAddress?: string;
  /**
   * Whether the server speaks TLS. Its certificate is not checked.
   *
   * @default {false}
   */
  readonly isSecure?: boolean;
}

/** Formats the request of an opening handshake. */
export function upgradeRequest(
  { port, host = "127.0.0.1", path = "/", lines = "" }: Address,
): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines}\r\n`;
}

/** Opens a connection to a server, without sending anything. */
export function openTcp({ port, host = "127.0.0.1", localAddress, isSecure }: Address): Socket {
  const where = { port, host, noDelay: true, ...(localAddress && { localAddress }) };
  const stream = isSecure ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where);
  stream.on("error", ignore); // `close` follows
  return stream;
}

function ignore(): void {}

/**
 * Ends a connection with RST; without RST, if the server has ended it. Node fails to reset a
 * connection that it is shutting down, and then never emits `close`.
 */
export function reset(stream: Socket): void {
  if (stream.writable) stream.resetAndDestroy();
  else stream.destroy();
}

/** End of a connection, as the client sees it. */
export interface ConnectionEnd {
  /** Code of the server's Close frame, 1005 for an empty one; `undefined` without a frame. */
  readonly code: number | undefined;
  /** Code of the system's error, for instance `"ECONNRESET"`. */
  readonly error: string | undefined;
}

/** A client that answers Pings and Close frames. */
export class LoadClient {
  /** TCP connection. */
  readonly stream: Socket;
  /** Resolves with the head of a 101; rejects for another answer. */
  readonly opened: Promise<string>;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<ConnectionEnd>;
  /** Called with each message, or part of one. The bytes are the stream's: copy what is kept. */
  onmessage: ((payload: Buffer, opcode: number, fin: boolean) => void) | undefined;
  /** Called with the payload of each Pong. */
  onpong: ((payload: Buffer) => void) | undefined;
  /** Whether the connection has ended, or is ending. */
  over = false;

  #code: number | undefined;
  #head = "";
  readonly #reader = new FrameScanner((...found) => this.#found(...found));

  /** Connects, and sends the request of the handshake. */
  constructor(address: Address) {
    this.stream = openTcp(address);
    const opened = Promise.withResolvers<string>();
    opened.promise.catch(ignore); // it need not be awaited
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

  /** Opens many connections, some at a time. */
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

  /** Resolves when the written bytes have left. */
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

  /** Closes in good order, with a Close frame. */
  close(): Promise<ConnectionEnd> {
    this.over = true;
    this.write(frame(CLOSE, Uint8Array.of(1000 >> 8, 1000 & 0xff)));
    return this.gone();
  }

  /** Waits for the server to end the connection, with a time limit. */
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
