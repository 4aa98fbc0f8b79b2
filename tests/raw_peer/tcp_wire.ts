/** A byte stream over TCP, on every runtime that has `node:net`. @module */

import { Buffer } from "node:buffer";
import net from "node:net";
import type { ByteStream } from "../../src/testing/contract/raw_peer.ts";

/** One TCP connection. */
export class TcpWire implements ByteStream {
  static readonly #all: Set<net.Socket> = new Set();
  readonly #socket: net.Socket;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    TcpWire.#all.add(socket);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(new Uint8Array(chunk));
      this.#wake?.();
    });
    const ended = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on("end", ended);
    socket.on("close", ended);
    socket.on("error", ended);
  }

  /** Takes a connection among those that {@linkcode TcpWire.dropAll} drops. */
  static watch(socket: net.Socket): void {
    TcpWire.#all.add(socket);
  }

  /** Drops what broken rules have left. */
  static dropAll(): void {
    for (const socket of TcpWire.#all) socket.destroy();
  }

  /** Connects to a server. */
  static connect(port: number): Promise<TcpWire> {
    return TcpWire.through(net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
  }

  /** Takes over a connection that is being made. */
  static through(socket: net.Socket, ready = "connect"): Promise<TcpWire> {
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once(ready, () => {
        socket.off("error", reject);
        resolve(new TcpWire(socket));
      });
    });
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.writable) this.#socket.write(Buffer.from(bytes), () => resolve());
      else resolve();
    });
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#chunks.shift();
  }

  end(): Promise<void> {
    this.#socket.end();
    return Promise.resolve();
  }

  /** Lets go of the connection: FIN, and RST to whatever comes after. */
  drop(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    return Promise.resolve();
  }

  pause(): Promise<void> {
    this.#socket.pause();
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#socket.resume();
    return Promise.resolve();
  }
}

/** A port that takes one connection. */
export interface Port {
  /** Its number. */
  readonly port: number;
  /** The connection. */
  readonly accepted: Promise<TcpWire>;
  /** Takes no more. */
  close(): void;
}

/** Listens for one connection. */
export function listen(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true });
    const accepted = new Promise<TcpWire>((take) => {
      server.on("connection", (socket) => take(new TcpWire(socket)));
    });
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.unref(); // nobody may come
      const { port } = server.address() as net.AddressInfo;
      resolve({ port, accepted, close: () => void server.close() });
    });
  });
}
