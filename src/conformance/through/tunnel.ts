/**
 * A connection through a proxy, of which the judge holds both ends: the client's and the server's.
 *
 * @module
 */

import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { Activity } from "../player/activity.ts";
import type { WireLog } from "../player/wire_log.ts";
import type { Side } from "../result.ts";
import { type Head, lists } from "../wire/head.ts";
import { HeadReader } from "../wire/head_reader.ts";
import { join } from "../wire/octets.ts";
import { socketTransport, type Transport, type TransportEnd } from "../wire/transport.ts";

/** One end of a connection. */
export class TunnelEnd {
  readonly #transport: Transport;
  readonly #head = new HeadReader();
  readonly #activity = new Activity();
  readonly #parts: Uint8Array[] = [];
  #isOpen = false;

  /** Number of octets that have arrived behind the head. */
  received = 0;

  /** How the connection has ended, once it has. */
  ended: TransportEnd | undefined;

  /** @param transport The octets. */
  constructor(transport: Transport) {
    this.#transport = transport;
    transport.listen({
      data: (octets) => {
        this.#activity.touch();
        if (this.#isOpen) this.#keep(octets);
        else this.#head.push(octets);
        this.#activity.notify();
      },
      end: (how) => {
        this.ended = how;
        this.#activity.notify();
      },
    });
  }

  #keep(octets: Uint8Array): void {
    this.#parts.push(octets);
    this.received += octets.length;
  }

  /** All octets behind the head. */
  get octets(): Uint8Array {
    return join([new Uint8Array(0), ...this.#parts]);
  }

  /** Waits for the head; `undefined` if none comes, the reason if it is none. */
  async head(within: number): Promise<Head | string | undefined> {
    await this.until(() => this.#head.head !== undefined, within);
    if (this.#head.head !== undefined && !this.#isOpen) {
      this.#isOpen = true;
      const rest = this.#head.release();
      if (rest.length > 0) this.#keep(rest);
    }
    return this.#head.head;
  }

  /** Waits until something holds, the connection ends, or nothing has moved for `ms`. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    await this.#activity.until(() => holds() || this.ended !== undefined, ms);
    return holds();
  }

  /** Writes octets; resolves when the system has taken them. */
  write(octets: Uint8Array): Promise<void> {
    return this.#transport.write(octets);
  }

  /** Stops or resumes reading. */
  read(on: boolean): void {
    this.#transport.read(on);
  }

  /** Ends the sending side ("fin") or the whole connection at once ("reset"). */
  hangUp(how: "fin" | "reset"): void {
    if (how === "fin") this.#transport.end();
    else this.#transport.drop(true);
  }

  /** Tears the connection down. */
  drop(): void {
    this.#transport.drop();
  }
}

/** A connection through the proxy. */
export interface Tunnel {
  /** The client's end, before the proxy. */
  readonly client: TunnelEnd;

  /** The server's end, behind it. */
  readonly server: TunnelEnd;
}

/** The server behind the proxy: hands over each connection that asks for a WebSocket. */
export class Backend {
  readonly #server: Server;
  readonly #ends = new Set<TunnelEnd>();
  readonly #arrived: { end: TunnelEnd; head: Head }[] = [];
  #wake: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      const end = new TunnelEnd(socketTransport(socket));
      this.#ends.add(end);
      this.#take(end).catch(() => end.drop());
    });
  }

  /** Listens on a port; 0 for any. Rejects with the system's error if it cannot. */
  static async listen(port: number): Promise<Backend> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve());
    });
    return new Backend(server);
  }

  /** The port on which it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Others than handshakes are looks whether the server is there, which many proxies take. */
  async #take(end: TunnelEnd): Promise<void> {
    const head = await end.head(60_000);
    if (typeof head !== "object") return end.drop();
    if (!lists(head, "upgrade", "websocket")) {
      const line = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      await end.write(new TextEncoder().encode(line));
      return end.hangUp("fin");
    }
    this.#arrived.push({ end, head });
    this.#wake?.();
  }

  /** Waits for the next handshake. */
  async accept(within: number): Promise<{ end: TunnelEnd; head: Head } | undefined> {
    if (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, within);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#arrived.shift();
  }

  /** Forgets handshakes that nobody has waited for. */
  forget(): void {
    for (const { end } of this.#arrived.splice(0)) end.drop();
  }

  /** Ends it, and all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const end of this.#ends) end.drop();
    await closed;
  }
}

/** Logs a head. The judge writes it on one side of the proxy, and reads it on the other. */
export function logHead(log: WireLog, from: Side, head: Head): void {
  const fields = [...head.headers].flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value}`)
  );
  log.add(from, "http", [head.line, ...fields].join("\r\n"), undefined, head.size);
}
