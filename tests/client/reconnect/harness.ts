/** Reconnecting sockets in memory, on a fake clock. @module */

import {
  FakeClock,
  type FaultOptions,
  type ScriptedCall,
  type ScriptedServer,
  scriptedServer,
  Socket,
} from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { reconnectIn, type ReconnectOptions } from "../../../src/client/reconnect/reconnect.ts";
import type {
  ReconnectEventMap,
  ReconnectingSocket,
} from "../../../src/client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../../../src/client/reconnect/attempt.ts";
import { queueTask } from "../../../src/core/task.ts";
import { reconnectIn as reconnectInPage } from "../../../src/page/reconnect.ts";
import { summaryOf } from "../event_summary.ts";

/** Outcome of an attempt to connect; a number is the status of a refusal. */
export type AttemptOutcome = "opens" | "is refused" | "hangs" | number;

/** Log of the events of a reconnecting socket. */
export class ReconnectLog {
  /** The events so far: type, summary, and `readyState` in parentheses. */
  readonly lines: string[] = [];
  readonly #events: Event[] = [];
  #taken = 0;

  constructor(socket: ReconnectingSocket) {
    for (const type of ["open", "message", "error", "close", "connecting", "waiting"]) {
      socket.addEventListener(type, (event) => {
        this.#events.push(event);
        this.lines.push(lineOf(event, socket.readyState));
      });
    }
  }

  /** Waits for the next event of a type. Events of other types before it are passed over. */
  async next<K extends keyof ReconnectEventMap>(type: K): Promise<ReconnectEventMap[K]> {
    for (let tasks = 0; tasks < 1000; tasks++) {
      while (this.#taken < this.#events.length) {
        const event = this.#events[this.#taken++]!;
        if (event.type === type) return event as ReconnectEventMap[K];
      }
      await task();
    }
    throw new Error(`No ${type} event came, but: ${this.lines.join(", ")}`);
  }
}

function lineOf(event: Event, readyState: number): string {
  const summary = summaryOf(event);
  return `${event.type}${summary === undefined ? "" : ` ${summary}`} (${readyState})`;
}

/** Resolves in the next task. */
export function task(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** Resolves after 30 tasks: nothing is left to happen by itself. */
export async function settled(): Promise<void> {
  for (let tasks = 0; tasks < 30; tasks++) await task();
}

/** Waits for the error that ends it. */
export async function ended(log: ReconnectLog): Promise<Error> {
  const { error } = await log.next("error");
  await settled();
  assert.deepEqual(log.lines.slice(-2), ["error Error (3)", "close 1006 (3)"]);
  return error as Error;
}

/** Returns the status of the refusal that is the cause of an error. */
export function statusOf(error: unknown): unknown {
  return (error as { cause?: { status?: number } } | undefined)?.cause?.status;
}

function readyStateOf(socket: Socket): number {
  return Reflect.get(Socket.prototype, "readyState", socket);
}

/** Server, clock and network of one client, or of many. */
export class ReconnectHarness {
  readonly clock: FakeClock = new FakeClock();
  /** The server's sockets, in the order of the attempts. */
  readonly servers: Socket[] = [];
  /** The headers of each attempt. */
  readonly headers: unknown[] = [];
  /** The headers that were checked when a socket was made. */
  readonly checked: unknown[] = [];
  /** Maximum number of connections at a time. */
  maxConnections = 0;
  /** Replacement of `Math.random()`. */
  random: () => number = () => 0.5;
  /** Outcomes of the next attempts; all others open. */
  readonly outcomes: AttemptOutcome[] = [];
  /** Whether a connection's peer has closed, while its end is not reported yet. */
  peerHasClosed = false;
  /** Header `Retry-After` of refusals. */
  retryAfter: string | undefined;
  readonly #wakeCallbacks: Set<() => void> = new Set();
  readonly #server: ScriptedServer;
  #connections = 0;

  constructor(faults: FaultOptions = {}) {
    const { clock } = this;
    this.#server = scriptedServer(async (server) => {
      while (true) this.#answer(await server.call());
    }, { ...faults, clock, heartbeat: 0, idleTimeout: 0 });
  }

  /** Makes a socket, and its log. */
  reconnect(
    options: ReconnectOptions = {},
    url: ValueOrProvider<string | URL> = "ws://memory.invalid/",
  ): { socket: ReconnectingSocket; log: ReconnectLog } {
    const socket = "document" in globalThis
      ? this.#inPage(url, options)
      : this.#inFull(url, options);
    return { socket, log: new ReconnectLog(socket) };
  }

  #inFull(url: ValueOrProvider<string | URL>, options: ReconnectOptions): ReconnectingSocket {
    return reconnectIn(
      {
        clock: this.clock,
        random: () => this.random(),
        dialer: {
          check: (headers) => void this.checked.push(headers),
          dial: () => assert.fail("the server connects"),
        },
        connect: ({ limits }, { url, binaryType = "blob", ...request }) => {
          this.headers.push(request.headers);
          const { openTimeout: timeout, closeTimeout, maxPayload } = limits;
          const options = { ...request, binaryType, timeout, closeTimeout, maxPayload };
          const socket = this.#server.connect(url, options);
          const state = (): number => Math.max(readyStateOf(socket), this.#leastState);
          Object.defineProperty(socket, "readyState", { get: state });
          this.maxConnections = Math.max(this.maxConnections, ++this.#connections);
          socket.addEventListener("close", () => this.#connections--);
          return socket;
        },
        onWake: (callback, signal) => this.#onWake(callback, signal),
      },
      url,
      options,
    );
  }

  /** What pages have: over a class, and with the browser's events. */
  #inPage(url: ValueOrProvider<string | URL>, options: ReconnectOptions): ReconnectingSocket {
    const open = new Set<object>();
    const opens = (socket: object): void => {
      open.add(socket);
      this.maxConnections = Math.max(this.maxConnections, open.size);
    };
    const leastState = (): number => this.#leastState;
    const WebSocket = class extends this.#server.WebSocket {
      constructor(url: string | URL, protocols?: string | Iterable<string>) {
        super(url, protocols);
        opens(this);
        this.addEventListener("close", () => open.delete(this));
      }
      override get readyState(): 0 | 1 | 2 | 3 {
        return Math.max(super.readyState, leastState()) as 0 | 1 | 2 | 3;
      }
      /** A page lets go of a connection that it drops: it cannot cut it. */
      override close(code?: number, reason?: string): void {
        super.close(code, reason);
        open.delete(this);
      }
    };
    const { clock } = this;
    return reconnectInPage(
      { random: () => this.random(), onWake: (callback, signal) => this.#onWake(callback, signal) },
      url,
      { clock, WebSocket, ...options },
    );
  }

  #onWake(callback: () => void, signal: AbortSignal): void {
    this.#wakeCallbacks.add(callback);
    signal.addEventListener("abort", () => this.#wakeCallbacks.delete(callback));
  }

  get #leastState(): number {
    return this.peerHasClosed ? 2 : 0;
  }

  /** The server's socket of the current connection. */
  get server(): Socket {
    return this.servers.at(-1)!;
  }

  /** The addresses of the attempts. */
  get urls(): string[] {
    return this.#server.calls.map(({ url }) => url);
  }

  /** The subprotocols of each attempt. */
  get offered(): (readonly string[])[] {
    return this.#server.calls.map(({ protocols }) => protocols);
  }

  /** Number of listeners for wake signals. */
  get wakeListeners(): number {
    return this.#wakeCallbacks.size;
  }

  /** Simulates that the network is back. */
  wake(): void {
    for (const callback of this.#wakeCallbacks) callback();
  }

  #answer(call: ScriptedCall): void {
    const outcome = this.outcomes.shift() ?? "opens";
    if (outcome === "opens") {
      call.accept().then(({ socket }) => this.servers.push(socket), () => {});
    } else if (outcome !== "hangs") {
      const status = outcome === "is refused" ? 503 : outcome;
      call.refuse(status, this.retryAfter === undefined ? {} : { "retry-after": this.retryAfter });
    }
  }
}
