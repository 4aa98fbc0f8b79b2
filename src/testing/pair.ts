/** Two sockets joined in memory. @module */

import { ServerCore } from "../server/server_core.ts";
import type { SocketOptions } from "../server/options.ts";
import type { Hub } from "../server/hub.ts";
import type { ServerSocket } from "../server/server_socket.ts";
import { Socket } from "../core/socket.ts";
import type { RequestInfo } from "../server/handler.ts";
import type { FaultOptions } from "./memory/faults.ts";
import { type Interference, MemoryConnection } from "./memory/connection.ts";

/**
 * What the two sockets of a {@linkcode pair} are like, and what lies between them: those of
 * {@linkcode SocketOptions} are the server's, but for `closeTimeout`, which is both's.
 */
export interface PairOptions extends SocketOptions, FaultOptions {
  /**
   * The subprotocol agreed on.
   *
   * @default {""}
   */
  protocol?: string;
  /**
   * What `message` events carry for binary, at both ends.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
}

/** Two sockets that are connected with each other. Its functions need no `this`. */
export interface Pair extends Interference {
  /** The client's end. */
  readonly client: Socket;
  /** The server's end. */
  readonly server: ServerSocket;
  /** The server that it belongs to: `hub.publish()` reaches it. */
  readonly hub: Hub;
}

const URL = "ws://memory.invalid/";

/**
 * Makes two sockets that are joined in memory: no network, no port, no server. They keep the very
 * promises of sockets on a network, and open in a later task. What lies between them can be slow,
 * break, or fall silent.
 *
 * @param options What they are like, and what lies between them.
 * @returns Both ends, CONNECTING, and what can be done to the connection.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { pair } from "@isosocket/isosocket/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { client, server } = pair({ protocol: "chat.v2" });
 * server.onopen = () => server.close(4001, "not today");
 * const { code } = await new Promise<CloseEvent>((resolve) => client.onclose = resolve);
 * assertEquals(code, 4001);
 * ```
 *
 * @example A peer that falls silent, and an hour that takes no time
 * ```ts
 * import { FakeClock, pair } from "@isosocket/isosocket/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const { client, server, vanish } = pair({ clock, heartbeat: 25_000, idleTimeout: 60_000 });
 * await clock.advance(3_600_000);
 * assertEquals([client.readyState, server.readyState], [1, 1]); // Pings are answered
 * vanish();
 * await clock.advance(70_000);
 * assertEquals([client.readyState, server.readyState], [1, 3]); // nobody tells the client
 * ```
 */
export function pair(options: PairOptions = {}): Pair {
  const { protocol = "", binaryType, closeTimeout = 10_000, clock } = options;
  const line = new MemoryConnection(options);
  const host = new ServerCore(noHandler, options, undefined, clock);
  const client = new Socket(
    { url: URL, binaryType, offered: protocol === "" ? [] : [protocol] },
    { role: "client", openTimeout: 0, closeTimeout, clock },
    line.client.begin,
  );
  const server = host.admit(NOBODY, { url: URL, binaryType }, {}, line.server.begin);
  line.request(() => line.accept(protocol));
  return {
    client,
    server,
    hub: host.hub(),
    cut: () => line.cut(),
    stall: (direction) => line.stall(direction),
    resume: (direction) => line.resume(direction),
    vanish: () => line.vanish(),
  };
}

/** What is known of a client in memory. */
export const NOBODY: RequestInfo = { remoteAddress: undefined, httpVersion: undefined };

/** The handler of a server that gets no requests. */
export function noHandler(): never {
  throw new Error("Cannot answer: there are no requests in memory");
}
