/** Reconnecting sockets in memory, on a fake clock. @module */

import {
  FakeClock,
  type FaultOptions,
  type ScriptedCall,
  type ScriptedServer,
  scriptedServer,
  type Socket,
} from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { reconnectIn, type ReconnectOptions } from "../../../src/client/reconnect/reconnect.ts";
import type {
  ReconnectEventMap,
  ReconnectingSocket,
} from "../../../src/client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../../../src/client/reconnect/attempt.ts";
import { queueTask } from "../../../src/core/task.ts";
import { summaryOf } from "../event_summary.ts";

/** Outcome of an attempt to connect. */
export type AttemptOutcome = "opens" | "is refused" | "hangs";

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
    const socket = reconnectIn(
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
          this.maxConnections = Math.max(this.maxConnections, ++this.#connections);
          socket.addEventListener("close", () => this.#connections--);
          return socket;
        },
        onWake: (callback) => {
          this.#wakeCallbacks.add(callback);
          return () => this.#wakeCallbacks.delete(callback);
        },
      },
      url,
      options,
    );
    return { socket, log: new ReconnectLog(socket) };
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
    } else if (outcome === "is refused") {
      call.refuse(503, this.retryAfter === undefined ? {} : { "retry-after": this.retryAfter });
    }
  }
}
