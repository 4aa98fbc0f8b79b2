/** WebSocket connections on raw TCP, whose bytes are only counted. @module */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** Number of connections that are opened concurrently: fewer than any server's backlog. */
const OPENING = 64;

/** Name of the extension that compresses. */
const DEFLATE = "permessage-deflate";

/** Buffer into which all connections are read. */
const into = Buffer.allocUnsafe(256 * 1024);

/** One connection. */
export class CountingClient {
  /** Resolves when the opening handshake is over. */
  readonly opened: Promise<void>;
  /**
   * Called with the number of received bytes, and the memory that they begin, until it returns. While it
   * is not set, only the handshake and Pings may arrive.
   */
  onBytes: ((count: number, bytes: Buffer) => void) | undefined;
  #isOpen = false;
  readonly #stream: Socket;

  /**
   * Connects, and sends the request of the handshake.
   *
   * @param deflate Whether compression is offered, and must be accepted.
   */
  constructor(port: number, deflate: boolean) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let head = "";
    const shake = (text: string): void => {
      head += text;
      if (!head.endsWith("\r\n\r\n")) return;
      this.#isOpen = head.startsWith("HTTP/1.1 101 ") && head.includes(DEFLATE) === deflate;
      if (this.#isOpen) resolve();
      else reject(new Error(`Cannot open${deflate ? " with compression" : ""}: ${head}`));
    };
    const callback = (size: number): boolean => {
      if (this.onBytes !== undefined) this.onBytes(size, into);
      else if (this.#isOpen) this.#pong(into.subarray(0, size));
      else shake(into.toString("latin1", 0, size));
      return true;
    };
    this.opened = promise;
    this.#stream = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: into, callback },
    });
    this.#stream.on("error", reject);
    this.#stream.on("close", () => {
      if (this.#isOpen) throw new Error("Cannot go on: the server closed");
      reject(new Error("Cannot open: the server closed"));
    });
    this.#stream.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        `${deflate ? `Sec-WebSocket-Extensions: ${DEFLATE}\r\n` : ""}\r\n`,
    );
  }

  /** Answers a Ping, so that the server keeps an idle connection. */
  #pong(ping: Buffer): void {
    const mask = Buffer.alloc(4); // zeros: the payload stays as it is
    this.write(Buffer.concat([Uint8Array.of(0x8a, 0x80 | ping[1]!), mask, ping.subarray(2)]));
  }

  /** Sends bytes. */
  write(bytes: Buffer): void {
    this.#stream.write(bytes);
  }
}

/**
 * Opens connections.
 *
 * @param deflate Whether compression is offered, and must be accepted.
 */
export async function openClients(
  port: number,
  count: number,
  deflate: boolean,
): Promise<CountingClient[]> {
  const clients: CountingClient[] = [];
  while (clients.length < count) {
    const some = Array.from(
      { length: Math.min(OPENING, count - clients.length) },
      () => new CountingClient(port, deflate),
    );
    await Promise.all(some.map((client) => client.opened));
    clients.push(...some);
  }
  return clients;
}
