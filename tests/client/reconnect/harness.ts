/** Reconnecting sockets in memory, and time that stands still. @module */

import {
  FakeClock,
  type FaultOptions,
  type ScriptedCall,
  type ScriptedServer,
  scriptedServer,
  type Socket,
} from "@isosocket/isosocket/testing";
import type { WebSocketClass } from "../../../src/adapters/web/dial.ts";
import { openSocket } from "../../../src/client/connect.ts";
import { dialClass } from "../../../src/client/platform.ts";
import { reconnectIn, type ReconnectOptions } from "../../../src/client/reconnect/reconnect.ts";
import type {
  ReconnectEventMap,
  ReconnectingSocket,
} from "../../../src/client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../../../src/client/reconnect/reconnector.ts";
import { queueTask } from "../../../src/core/task.ts";
import { summaryOf } from "../event_summary.ts";

/** What becomes of an attempt. */
export type AttemptOutcome = "opens" | "is refused" | "hangs";

/** What happens to a reconnecting socket, in order. */
export class ReconnectLog {
  /** The events so far: type, and what is told of it. */
  readonly lines: string[] = [];
  readonly #events: Event[] = [];
  #taken = 0;

  constructor(socket: ReconnectingSocket) {
    for (const type of ["open", "message", "error", "close", "connecting", "waiting"]) {
      socket.addEventListener(type, (event) => {
        this.#events.push(event);
        this.lines.push(tell(event, socket.readyState));
      });
    }
  }

  /** The next event of a type. Those of other types before it are passed over. */
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

function tell(event: Event, readyState: number): string {
  const more = summaryOf(event);
  return `${event.type}${more === undefined ? "" : ` ${more}`} (${readyState})`;
}

/** The next task. */
export function task(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** Until nothing is left to happen by itself. */
export async function settled(): Promise<void> {
  for (let tasks = 0; tasks < 30; tasks++) await task();
}

/** A world of one client, or of many. */
export class ReconnectHarness {
  readonly clock: FakeClock = new FakeClock();
  /** The servers' ends, in the order of the attempts. */
  readonly servers: Socket[] = [];
  /** Headers of each attempt. */
  readonly headers: unknown[] = [];
  /** Headers that were asked about when a socket was made. */
  readonly checked: unknown[] = [];
  /** The most connections that there have been at a time. */
  maxConnections = 0;
  /** What `Math.random()` is. */
  random: () => number = () => 0.5;
  /** The fates of the attempts to come; then all open. */
  readonly outcomes: AttemptOutcome[] = [];
  /** What refusals say in `Retry-After`. */
  retryAfter: string | undefined;
  readonly #wakers: Set<() => void> = new Set();
  readonly #server: ScriptedServer;
  #live = 0;

  constructor(line: FaultOptions = {}) {
    const { clock } = this;
    this.#server = scriptedServer(async (server) => {
      while (true) this.#answer(await server.call());
    }, { ...line, clock, heartbeat: 0, idleTimeout: 0 });
  }

  /** Makes a socket of this world, and its log. */
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
          dial: dialClass(this.#server.WebSocket as unknown as WebSocketClass),
        },
        connect: (config, request) => {
          this.headers.push(request.headers);
          const made = openSocket(config, request);
          this.maxConnections = Math.max(this.maxConnections, ++this.#live);
          made.addEventListener("close", () => this.#live--);
          return made;
        },
        onWake: (callback) => {
          this.#wakers.add(callback);
          return () => this.#wakers.delete(callback);
        },
      },
      url,
      options,
    );
    return { socket, log: new ReconnectLog(socket) };
  }

  /** The server's end of the present connection. */
  get server(): Socket {
    return this.servers.at(-1)!;
  }

  /** Where the attempts went. */
  get urls(): string[] {
    return this.#server.calls.map(({ url }) => url);
  }

  /** Subprotocols of each attempt. */
  get offered(): (readonly string[])[] {
    return this.#server.calls.map(({ protocols }) => protocols);
  }

  /** Who would be told that the network is back. */
  get wakeListeners(): number {
    return this.#wakers.size;
  }

  /** The network is back. */
  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  #answer(call: ScriptedCall): void {
    const fate = this.outcomes.shift() ?? "opens";
    if (fate === "opens") {
      call.accept().then(({ socket }) => this.servers.push(socket), () => {});
    } else if (fate === "is refused") {
      call.refuse(503, this.retryAfter === undefined ? {} : { "retry-after": this.retryAfter });
    }
  }
}
