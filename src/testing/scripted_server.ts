/** A server in memory that follows a test's script. @module */

import { kindOf } from "../core/checks.ts";
import { connectBy, type ConnectOptions } from "../client/connect.ts";
import { DIAL } from "../client/platform.ts";
import { webSocketBy, type WebSocketConstructor } from "../client/web_socket.ts";
import type { Dial } from "../core/dial.ts";
import { ServerCore } from "../server/server_core.ts";
import { checkSocketOptionNames, type SocketOptions } from "../server/options.ts";
import type { Hub } from "../server/hub.ts";
import type { Socket } from "../core/socket.ts";
import { type AcceptOptions, ScriptedCall } from "./scripted_call.ts";
import { FAULT_OPTIONS, type FaultOptions } from "./memory/faults.ts";
import { MemoryConnection } from "./memory/connection.ts";
import { noHandler } from "./pair.ts";
import type { ScriptedPeer } from "./scripted_peer.ts";

/** Options for {@linkcode scriptedServer}: for its sockets, and for the faults of connections. */
export interface ScriptedServerOptions extends SocketOptions, FaultOptions {}

/** Steps of a server, one after another. */
export type Script = (server: ScriptedServer) => unknown;

/** A server in memory, without a port. Made by {@linkcode scriptedServer}. */
export class ScriptedServer {
  /**
   * `WebSocket` class of the standard whose sockets all connect to this server, whatever the address.
   * Give it to the code under test: as an option of `reconnect()`, `connect()` or another library,
   * or as `globalThis.WebSocket`.
   */
  readonly WebSocket: WebSocketConstructor;
  /** Connects to this server, whatever the address. Takes the options of `connect()`. */
  readonly connect: (url: string | URL, options?: ConnectOptions) => Socket;
  /** All attempts to connect so far, whether they are answered or not. */
  readonly calls: readonly ScriptedCall[];
  /** All sockets of the server: `publish()`, `stats()`, and `close()`, which ends them. */
  readonly hub: Hub;
  /**
   * Settles when the script has ended; rejects with what it threw. Clients that connect afterwards are
   * refused, as by a port on which no server listens.
   */
  readonly done: Promise<void>;

  /** Calls that are not taken yet. */
  readonly #waiting: ScriptedCall[] = [];
  /** Resolve the pending promises of `call()`. */
  readonly #takers: ((call: ScriptedCall) => void)[] = [];
  #ended = false;

  /** Starts running a script. */
  constructor(script: Script | undefined, options: ScriptedServerOptions) {
    checkSocketOptionNames("script a server", options, FAULT_OPTIONS);
    const { clock } = options;
    new MemoryConnection(options); // throws for wrong options here, and not in a client later
    const core = new ServerCore(noHandler, options, undefined, clock);
    if (script !== undefined && typeof script !== "function") {
      throw new TypeError(
        `Cannot script a server: the script must be a function, and is ${kindOf(script)}`,
      );
    }
    const calls: ScriptedCall[] = [];
    const dial: Dial = (request) => (events) => {
      const connection = new MemoryConnection(options);
      const call = new ScriptedCall(request, connection, core);
      calls.push(call);
      const giveUp = connection.client.begin(events);
      connection.request(() => this.#arrived(call));
      return giveUp;
    };
    this.WebSocket = Object.assign(webSocketBy(dial, clock), { [DIAL]: dial });
    this.connect = (url, connectOptions = {}) =>
      connectBy(dial, url, clock === undefined ? connectOptions : { clock, ...connectOptions });
    this.calls = calls;
    this.hub = core.hub();
    this.done = this.#run(script);
  }

  /**
   * Waits for the next client that connects, without an answer yet. Clients that have given up
   * meanwhile are skipped.
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
   * @throws {Error} If the client gives up before that.
   */
  async accept(options: AcceptOptions = {}): Promise<ScriptedPeer> {
    return await (await this.call()).accept(options);
  }

  /**
   * Waits for the next client, and refuses it with an HTTP status.
   *
   * @param status HTTP status, 200 to 599; 503 by default.
   * @param headers Headers of the answer, for instance `Retry-After`.
   * @throws {RangeError} If the status is not between 200 and 599.
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
 * Makes a server in memory, for tests of client code: no network, no port. A script accepts, refuses
 * or ignores one client after another; without a script, the test calls `accept()`, `refuse()` and
 * `hang()` itself.
 *
 * @param script Called at once, with the server.
 * @param options Options for the server's sockets, and for the faults of connections.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { FakeClock, scriptedServer } from "@isosocket/isosocket/testing";
 * import { reconnect } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * const server = scriptedServer(async (server) => {
 *   await server.refuse(503);
 *   const first = await server.accept();
 *   assert.equal(await first.next(), "hello");
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
 * assert.deepEqual([heard, server.calls.length], [["welcome back"], 3]);
 * socket.close();
 * ```
 */
export function scriptedServer(
  script?: Script,
  options: ScriptedServerOptions = {},
): ScriptedServer {
  return new ScriptedServer(script, options);
}
