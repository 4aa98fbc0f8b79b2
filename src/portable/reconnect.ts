/** `reconnect()` on every runtime. @module */

import {
  environmentBy,
  reconnectIn,
  type ReconnectOptions as ClientOptions,
} from "../client/reconnect/reconnect.ts";
import type { ReconnectingSocket } from "../client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../client/reconnect/attempt.ts";
import { type CarrierOptions, dialerBy } from "./connect.ts";

/** Options for `reconnect()`. */
export interface ReconnectOptions extends ClientOptions, CarrierOptions {}

/**
 * Connects to a server, and again whenever the connection is lost: the same code in a browser, on
 * Deno, Bun and Node.
 *
 * Attempts are spread at random over a time that doubles with each failure, and is reset when a
 * connection has stayed up. After a close code of 1012 (the server restarts) the wait is 5 to 30
 * seconds, after 1013 (try again later) 15 to 30, both in proportion to `backoff.max`. A server that
 * refuses can set the wait by `Retry-After`, which can be read with the engine `ws` only. When the
 * network comes back or the page becomes visible, a wait ends at once, unless the server set it.
 * There are never two connections.
 *
 * @param url Address of the server, or a function that is called before each attempt and can return
 * one with a new token. If it throws, or takes longer than `timeout`, the attempt has failed.
 * @param options Which closes are final, how long to wait, which messages are queued meanwhile.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for options that the platform does not have: `headers` and `tls` in a page.
 * @throws {TypeError} If an option is invalid.
 * @throws {RangeError} If a time limit or a size is negative or not a number.
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
