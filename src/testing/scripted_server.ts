/** A server in memory that does what a test says. @module */

import { connectBy, type ConnectOptions } from "../client/connect.ts";
import { DIAL } from "../client/platform.ts";
import { webSocketBy, type WebSocketConstructor } from "../client/web_socket.ts";
import type { Dial } from "../core/dial.ts";
import { ServerCore } from "../server/server_core.ts";
import type { SocketOptions } from "../server/options.ts";
import type { Hub } from "../server/hub.ts";
import type { Socket } from "../core/socket.ts";
import { type AcceptOptions, ScriptedCall } from "./scripted_call.ts";
import type { FaultOptions } from "./memory/faults.ts";
import { MemoryConnection } from "./memory/connection.ts";
import { noHandler } from "./pair.ts";
import type { ScriptedPeer } from "./scripted_peer.ts";

/** What a scripted server's sockets are like, and what lies between them and their clients. */
export interface ScriptedServerOptions extends SocketOptions, FaultOptions {}

/** What a server does: one step after another. */
export type Script = (server: ScriptedServer) => unknown;

/** A server without a port. {@linkcode scriptedServer} makes it. */
export class ScriptedServer {
  /**
   * The standard's class, whose sockets all connect to this server, whatever the address. To hand to
   * the code under test, as an option of `reconnect()`, `connect()` and of other libraries, or to
   * put in the place of `globalThis.WebSocket`.
   */
  readonly WebSocket: WebSocketConstructor;
  /** Connects to this server, whatever the address: as `connect()` does. */
  readonly connect: (url: string | URL, options?: ConnectOptions) => Socket;
  /** All attempts to connect so far, with what became of them or without. */
  readonly calls: readonly ScriptedCall[];
  /** Its sockets: `publish()`, `stats()`, and `close()`, which ends them all. */
  readonly hub: Hub;
  /**
   * Settles when the script has ended; rejects with what it threw. Whoever calls afterwards is
   * refused, as by a port where nobody listens.
   */
  readonly done: Promise<void>;

  /** Calls that nobody has taken. */
  readonly #waiting: ScriptedCall[] = [];
  /** Who waits for calls. */
  readonly #takers: ((call: ScriptedCall) => void)[] = [];
  #ended = false;

  /** Begins to run a script. */
  constructor(script: Script | undefined, options: ScriptedServerOptions) {
    const { clock } = options;
    new MemoryConnection(options); // what is wrong with them is wrong here, and not in a client
    const host = new ServerCore(noHandler, options, undefined, clock);
    const calls: ScriptedCall[] = [];
    const dial: Dial = (asked) => (events) => {
      const line = new MemoryConnection(options);
      const call = new ScriptedCall(asked, line, host);
      calls.push(call);
      const giveUp = line.client.begin(events);
      line.request(() => this.#arrived(call));
      return giveUp;
    };
    this.WebSocket = Object.assign(webSocketBy(dial, clock), { [DIAL]: dial });
    this.connect = (url, how = {}) =>
      connectBy(dial, url, clock === undefined ? how : { clock, ...how });
    this.calls = calls;
    this.hub = host.hub();
    this.done = this.#run(script);
  }

  /**
   * Waits for the next client that calls, and leaves it to you what becomes of it. Clients that have
   * given up meanwhile are passed over.
   */
  call(): Promise<ScriptedCall> {
    while (this.#waiting.length > 0) {
      const call = this.#waiting.shift()!;
      if (!call.over) return Promise.resolve(call);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /**
   * Waits for the next client, and accepts it.
   *
   * @returns Resolves when the server's end is OPEN.
   */
  async accept(options: AcceptOptions = {}): Promise<ScriptedPeer> {
    return await (await this.call()).accept(options);
  }

  /**
   * Waits for the next client, and refuses it with an HTTP status.
   *
   * @param status The status.
   * @param headers Headers of the answer, for instance `Retry-After`.
   */
  async refuse(status?: number, headers?: HeadersInit): Promise<ScriptedCall> {
    const call = await this.call();
    call.refuse(status, headers);
    return call;
  }

  /** Waits for the next client, and never answers it. */
  hang(): Promise<ScriptedCall> {
    return this.call();
  }

  #arrived(call: ScriptedCall): void {
    if (this.#ended) return call.fail();
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(call);
    else taker(call);
  }

  async #run(script: Script | undefined): Promise<void> {
    if (script === undefined) return;
    try {
      await script(this);
    } finally {
      this.#ended = true;
      for (const call of this.#waiting) call.fail();
    }
  }
}

/**
 * Makes a server in memory, for tests of client code: no network, no port. A script says what it
 * does with one client after another; or there is none, and the test itself calls `accept()` and the
 * rest.
 *
 * @param script What it does. Whatever it waits for, it waits for in its order.
 * @param options What its sockets are like, and what lies between them and their clients.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { FakeClock, scriptedServer } from "@isosocket/isosocket/testing";
 * import { reconnect } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const server = scriptedServer(async (server) => {
 *   await server.refuse(503);
 *   const first = await server.accept();
 *   assertEquals(await first.next(), "hello");
 *   first.close(1012); // a restart
 *   const second = await server.accept();
 *   second.send("welcome back");
 * }, { clock });
 *
 * const socket = reconnect("wss://chat.example/", { WebSocket: server.WebSocket, clock });
 * const heard: unknown[] = [];
 * socket.onmessage = (event) => heard.push(event.data);
 * socket.send("hello");
 * await clock.advance(60_000);
 * await server.done;
 * assertEquals([heard, server.calls.length], [["welcome back"], 3]);
 * socket.close();
 * ```
 */
export function scriptedServer(
  script?: Script,
  options: ScriptedServerOptions = {},
): ScriptedServer {
  return new ScriptedServer(script, options);
}
