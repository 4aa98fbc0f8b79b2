/** WebSocket connections on raw TCP, which only count the bytes that they receive. @module */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** Number of connections that are opened concurrently: fewer than any server's backlog. */
const OPENING = 64;

/** Buffer into which all connections are read. */
const into = Buffer.allocUnsafe(256 * 1024);

/** One connection. */
export class CountingClient {
  /** Resolves when the opening handshake is over. */
  readonly opened: Promise<void>;
  /** Called with the number of received bytes. Until it is set, only the handshake may arrive. */
  onBytes: ((count: number) => void) | undefined;
  readonly #stream: Socket;

  /** Connects, and sends the request of the handshake. */
  constructor(port: number) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let head = "";
    const callback = (size: number): boolean => {
      if (this.onBytes !== undefined) this.onBytes(size);
      else {
        head += into.toString("latin1", 0, size);
        if (head.endsWith("\r\n\r\n")) {
          if (head.startsWith("HTTP/1.1 101 ")) resolve();
          else reject(new Error(`Cannot open: ${head}`));
        }
      }
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
      if (this.onBytes !== undefined) {
        throw new Error("Cannot go on: the server closed");
      }
      reject(new Error("Cannot open: the server closed"));
    });
    this.#stream.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
  }

  /** Sends bytes. */
  write(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  /** Destroys the connection. */
  end(): void {
    this.#stream.removeAllListeners("close");
    this.#stream.destroy();
  }
}

/** Opens connections. */
export async function openClients(port: number, count: number): Promise<CountingClient[]> {
  const clients: CountingClient[] = [];
  while (clients.length < count) {
    const some = Array.from(
      { length: Math.min(OPENING, count - clients.length) },
      () => new CountingClient(port),
    );
    await Promise.all(some.map((client) => client.opened));
    clients.push(...some);
  }
  return clients;
}
