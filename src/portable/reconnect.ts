/** `reconnect()` on every runtime. @module */

import {
  environmentBy,
  reconnectIn,
  type ReconnectOptions as ClientOptions,
} from "../client/reconnect/reconnect.ts";
import type { ReconnectingSocket } from "../client/reconnect/reconnecting_socket.ts";
import type { ValueOrProvider } from "../client/reconnect/attempt.ts";
import { CARRIER_OPTIONS, type CarrierOptions, dialerBy, OTHERS } from "./connect.ts";

/**
 * Options for `reconnect()`: {@linkcode CarrierOptions}, and those of `reconnect()` in the entry point
 * `./client` (`protocols`, `headers`, `timeout`, `backoff`, `until`, `heartbeat`, `queue`, `signal`,
 * `binaryType`, `closeTimeout`, `maxPayload`, `WebSocket` and `clock`).
 */
export interface ReconnectOptions extends ClientOptions, CarrierOptions {}

const UNTIL = 'the function "until" decides, which is given the number of failures';

/**
 * Connects to a server, and again whenever the connection is lost: the same code in a browser, on
 * Deno, Bun and Node.
 *
 * The delay before an attempt is random, up to a maximum that doubles with each failure and is reset
 * by a stable connection. After close code 1012 (the server restarts) it is 5 to 30 seconds, after
 * 1013 (try again later) 15 to 30, both in proportion to `backoff.max`. A server that refuses can
 * request a delay by `Retry-After`, which only the engine `tcp` reports. When the network comes back or
 * the page becomes visible, the delay ends at once, unless the server requested it. There are never
 * two connections at a time.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`, in a page also relative to it. Or a
 * function that is called before each attempt and returns it, for instance with a new token. If it
 * throws, or takes longer than `timeout`, the attempt fails.
 * @param options Which end is final, delays, the queue, the engine, and the options of `connect()`.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for options that the platform does not have: `headers`, `tls` and `compression` in a
 * page.
 * @throws {TypeError} If an option is invalid.
 * @throws {RangeError} If a time limit or a size is negative or not a number.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts
 * import { reconnect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
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
 * assert.deepEqual(codes, [4000, 4000, 4000]);
 * ```
 */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  return reconnectIn(environmentBy(dialerBy(options)), url, options, {
    ...OTHERS,
    ...CARRIER_OPTIONS,
    retries: UNTIL,
    maxRetries: UNTIL,
  });
}
