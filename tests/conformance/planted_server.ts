/**
 * A server over TCP with one planted fault, which may crash, hang or be slow as a whole.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import type { ServerProcess } from "../../src/conformance/server_process.ts";
import { Endpoint } from "./endpoint.ts";
import type { Faults } from "./faults.ts";

/** What goes on in a server, for faults that do more than send wrong frames. */
export interface Plant {
  /** Ends the server at once, with all connections, as a signal would. */
  crash(): void;

  /** Stops answering anybody. */
  hang(): void;

  /** Sends nothing for so many milliseconds, on any connection. */
  delay(ms: number): void;

  /** Number of connections that are open. */
  readonly open: number;
}

/**
 * Ends a connection by RST. Not while its own end is under way: Node would leave the handle behind, and
 * wait for it without end when the process ends.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/** A fault of a whole server. */
export interface ServerFault {
  /** Faults of each connection. */
  readonly faults?: (plant: Plant) => Faults;

  /** Called with the octets of a request as they come. */
  readonly request?: (head: string, plant: Plant) => void;

  /** Called when a connection ends; `wasReset` if it was reset. */
  readonly ended?: (wasReset: boolean, plant: Plant) => void;

  /** Milliseconds that each answer takes. */
  readonly pace?: number;

  /** Whether it serves one connection at a time. */
  readonly isLonely?: boolean;
}

/** The server. As a process, it is started again by {@linkcode restart}. */
export class PlantedServer implements ServerProcess, Plant {
  readonly #fault: ServerFault;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];
  #server: Server | undefined;
  #port = 0;
  #isHung = false;
  #isBusy = false;
  #busyUntil = 0;
  #ended: string | undefined;

  /** Number of times that it has crashed. */
  crashes = 0;

  /** @param port Port to listen on; 0 for any. */
  constructor(fault: ServerFault, port = 0) {
    this.#fault = fault;
    this.#port = port;
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  /** Its address. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}/chat`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#isHung = this.#isBusy = false;
    this.#busyUntil = 0;
    const server = this.#server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve) => {
      server.listen(this.#port, "127.0.0.1", () => resolve());
    });
    this.#port = (server.address() as { port: number }).port;
    this.#ended = undefined;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) reset(socket);
    this.#sockets.clear();
    this.#waiting = [];
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  crash(): void {
    this.crashes++;
    this.#ended = "it ended with SIGSEGV";
    void this.stop();
  }

  hang(): void {
    this.#isHung = true;
  }

  delay(ms: number): void {
    this.#busyUntil = performance.now() + ms;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    if (!this.#fault.isLonely) return this.#serve(socket);
    socket.pause();
    const serve = (): void => {
      this.#isBusy = true;
      this.#serve(socket);
      socket.once("close", () => {
        this.#isBusy = false;
        this.#waiting.shift()?.();
      });
      socket.resume();
    };
    if (this.#isBusy) this.#waiting.push(serve);
    else serve();
  }

  #serve(socket: Socket): void {
    const { faults, request, ended, pace = 0 } = this.#fault;
    const endpoint = new Endpoint(true, faults?.(this) ?? {});
    let last: Promise<unknown> = Promise.resolve();
    const later = (act: () => void): void => {
      const ms = pace + Math.max(0, this.#busyUntil - performance.now());
      if (ms === 0 && !this.#isHung) return act();
      last = last.then(() => new Promise((resolve) => setTimeout(resolve, ms)))
        .then(() => this.#isHung || act());
    };
    endpoint.listen({
      data: (octets) => later(() => void socket.write(octets)),
      // The end of TCP is no answer, but comes behind those that are under way.
      end: () => void last.then(() => socket.end()),
    });
    let head = "";
    let wasReset = false;
    socket.on("data", (octets: Buffer) => {
      if (this.#isHung) return;
      if (!head.includes("\r\n\r\n")) {
        head += octets.toString("latin1");
        request?.(head, this);
      }
      void endpoint.write(octets);
    });
    socket.on("error", () => wasReset = true);
    socket.on("end", () => this.#isHung || endpoint.end());
    socket.on("close", () => {
      endpoint.drop();
      this.#sockets.delete(socket);
      ended?.(wasReset, this);
    });
  }
}

/** Starts a server with a fault, and stops it when `use` is done. */
export async function withPlanted(
  fault: ServerFault,
  use: (server: PlantedServer) => Promise<void>,
): Promise<void> {
  const server = new PlantedServer(fault);
  await server.restart();
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
