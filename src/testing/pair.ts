/** Two sockets connected in memory. @module */

import { ServerCore } from "../server/server_core.ts";
import { checkSocketOptionNames, type SocketOptions } from "../server/options.ts";
import type { Hub } from "../server/hub.ts";
import type { ServerSocket } from "../server/server_socket.ts";
import { Socket } from "../core/socket.ts";
import type { RequestInfo } from "../server/handler.ts";
import { FAULT_OPTIONS, type FaultOptions } from "./memory/faults.ts";
import { type Interference, MemoryConnection } from "./memory/connection.ts";

/**
 * Options for {@linkcode pair}: {@linkcode SocketOptions} for the server's socket, of which
 * `closeTimeout` is for both sockets, and {@linkcode FaultOptions} for the connection between them.
 */
export interface PairOptions extends SocketOptions, FaultOptions {
  /**
   * Subprotocol that both ends agree on.
   *
   * @default {""}
   */
  protocol?: string;
  /**
   * Type of the data of binary messages, at both ends.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
}

/** Two sockets that are connected with each other. The functions do not use `this`. */
export interface Pair extends Interference {
  /** Socket at the client's end. */
  readonly client: Socket;
  /** Socket at the server's end. */
  readonly server: ServerSocket;
  /** Hub of the server's socket: `hub.publish()` reaches it. */
  readonly hub: Hub;
}

const URL = "ws://memory.invalid/";

const PAIR_OPTIONS: Readonly<Record<Exclude<keyof PairOptions, keyof SocketOptions>, 0>> = {
  ...FAULT_OPTIONS,
  protocol: 0,
  binaryType: 0,
};

/**
 * Makes two sockets that are connected in memory: no network, no port, no server. They keep the same
 * contract as sockets on a network, and open in a later task. The connection between them can be
 * slow, break, or fall silent.
 *
 * @param options Options for the sockets, and for the faults of the connection.
 * @returns Both sockets, CONNECTING, and the functions that cause faults.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { pair } from "@isosocket/isosocket/testing";
 * import assert from "node:assert/strict";
 *
 * const { client, server } = pair({ protocol: "chat.v2" });
 * server.onopen = () => server.close(4001, "not today");
 * const { code } = await client.closed;
 * assert.equal(code, 4001);
 * ```
 *
 * @example A peer that falls silent after an hour, without waiting for it
 * ```ts
 * import { FakeClock, pair } from "@isosocket/isosocket/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * const { client, server, vanish } = pair({ clock, heartbeat: 25_000, idleTimeout: 60_000 });
 * await clock.advance(3_600_000);
 * assert.deepEqual([client.readyState, server.readyState], [1, 1]); // Pings are answered
 * vanish();
 * await clock.advance(70_000);
 * assert.deepEqual([client.readyState, server.readyState], [1, 3]); // the client gets no event
 * ```
 */
export function pair(options: PairOptions = {}): Pair {
  checkSocketOptionNames("pair", options, PAIR_OPTIONS);
  const { protocol = "", binaryType, closeTimeout = 10_000, clock } = options;
  const connection = new MemoryConnection(options);
  const core = new ServerCore(noHandler, options, undefined, clock);
  const client = new Socket(
    { url: URL, binaryType, offered: protocol === "" ? [] : [protocol] },
    { role: "client", openTimeout: 0, closeTimeout, clock },
    connection.client.begin,
  );
  const server = core.admit(UNKNOWN_CLIENT, { url: URL, binaryType }, {}, connection.server.begin);
  connection.request(() => connection.accept(protocol));
  return {
    client,
    server,
    hub: core.hub(),
    cut: () => connection.cut(),
    stall: (direction) => connection.stall(direction),
    resume: (direction) => connection.resume(direction),
    vanish: () => connection.vanish(),
  };
}

/** Request information of a client in memory: there is none. */
export const UNKNOWN_CLIENT: RequestInfo = { remoteAddress: undefined, httpVersion: undefined };

/** Handler of a server that gets no requests. */
export function noHandler(): never {
  throw new Error("Cannot answer: there are no requests in memory");
}
