/** A socket that does not give up, on whatever runtime this is. @module */

import {
  environmentBy,
  reconnectIn,
  type ReconnectOptions as ClientOptions,
} from "../client/reconnect/reconnect.ts";
import type { ReconnectingSocket } from "../client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../client/reconnect/attempt.ts";
import { type CarrierOptions, dialerBy } from "./connect.ts";

/** What `reconnect()` can be told, beyond what `connect()` can. */
export interface ReconnectOptions extends ClientOptions, CarrierOptions {}

/**
 * Connects to a server, and again whenever the connection is lost: the same file in a browser, under
 * `deno`, `bun` and `node`.
 *
 * Attempts are spread at random, over a time that doubles with each failure and starts anew when a
 * connection has stayed up. A close code of 1012 (the server restarts) is given 5 to 30 seconds, and
 * 1013 (try again later) 15 to 30, both in proportion to `backoff.max`. A server that refuses can ask
 * for time by `Retry-After`, where that is told: with the engine `ws`. When the network comes back or
 * the page becomes visible, a wait ends at once, unless the server asked for it. There are never two
 * connections.
 *
 * @param url Where to, or a function that is asked before each attempt: it can bring a new token. If
 * it throws, or takes longer than `timeout`, the attempt has failed.
 * @param options What is final, how to wait, what may wait.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for what nothing here can do: `headers` and `tls` in a page.
 * @throws {TypeError} If an option is none of what it can be.
 * @throws {RangeError} If a time limit or a size is negative or no number.
 * @throws The signal's reason, if it is aborted already.
 *
 * @example
 * ```ts
 * import { reconnect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.close(4000, `lost ${event.data}`);
 *   return response;
 * });
 *
 * const codes: number[] = [];
 * await using socket = reconnect(server.url, { backoff: { base: 10 } });
 * socket.onopen = () => socket.send(`connection ${codes.length + 1}`);
 * await new Promise<void>((resolve) => {
 *   socket.onclose = (event) => codes.push(event.code) === 3 && resolve();
 * });
 * assertEquals(codes, [4000, 4000, 4000]);
 * ```
 */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  return reconnectIn(environmentBy(dialerBy(options)), url, options);
}
