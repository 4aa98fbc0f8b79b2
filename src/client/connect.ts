/** A socket that connects to a server. @module */

import type { WebSocketClass } from "../adapters/web/dial.ts";
import type { Clock } from "../core/clock.ts";
import type { Dial } from "../core/dial.ts";
import { CLIENT_MAX_PAYLOAD } from "../core/max_payload.ts";
import { CONNECTING } from "../core/ready_state.ts";
import { giveUp, Socket } from "../core/socket.ts";
import { checkCount, checkTimeout } from "../core/checks.ts";
import { parseHeaders, parseProtocols, parseUrl } from "./arguments.ts";
import { dialByPlatform, dialClass } from "./platform.ts";

/** What `connect()` can be told. */
export interface ConnectOptions {
  /**
   * The subprotocols to offer, the best first. If there are some, the server must choose one.
   *
   * @default {[]}
   */
  protocols?: string | Iterable<string>;
  /**
   * Further headers of the handshake, for instance `authorization`, `cookie` or `origin`. Those that
   * belong to the handshake or to the connection are refused. Deno sends its own `user-agent` beside
   * one that is given here. A browser sends no headers of a program's: there, it is a
   * `NotSupportedError`.
   *
   * @default {{}}
   */
  headers?: HeadersInit;
  /**
   * Closes the socket when it is aborted: a connection that is not established yet is given up, and
   * the `error` event tells the signal's reason as `cause`; one that is, is closed as by `close()`.
   *
   * @default {undefined}
   */
  signal?: AbortSignal;
  /**
   * What `message` events carry for binary.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
  /**
   * How long the connection may take to be established, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  timeout?: number;
  /**
   * How long the server may take to answer a Close frame, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * Maximum size of a message that comes, in bytes, after decompression; `Infinity` for no limit. A
   * longer one ends the connection: the socket gets `error`, a `QuotaExceededError`, then `close`
   * with 1006, and the server gets Close code 1009, or an empty Close frame from those platforms
   * whose `WebSocket` cannot send that code (Deno, Node, browsers).
   *
   * The engine `ws` stops while such a message still comes. A platform's own `WebSocket` has read and
   * decompressed a message before anyone can look at its size.
   *
   * @default {67108864}
   */
  maxPayload?: number;
  /**
   * The class that does the wire: a test's, as that of `scriptedServer()`, or one that can what the
   * platform's cannot.
   *
   * @default {the platform's}
   */
  WebSocket?: WebSocketClass;
  /**
   * Where time comes from, for tests: a `FakeClock` lets no time pass by itself.
   *
   * @default {the system's}
   */
  clock?: Clock;
}

/** Checks the arguments of `connect()`, and makes the socket. */
export function connectBy(by: Dial, url: string | URL, options: ConnectOptions): Socket {
  const { protocols = [], headers = {}, signal, binaryType } = options;
  const { timeout = 10_000, closeTimeout = 10_000, WebSocket, clock } = options;
  const { maxPayload = CLIENT_MAX_PAYLOAD } = options;
  signal?.throwIfAborted();
  const address = parseUrl(url);
  const offered = parseProtocols(protocols);
  if (binaryType !== undefined && binaryType !== "blob" && binaryType !== "arraybuffer") {
    throw new TypeError(
      `Cannot connect with binaryType "${binaryType}": it must be "blob" or "arraybuffer"`,
    );
  }
  const limits = {
    role: "client",
    openTimeout: checkTimeout("timeout", timeout),
    closeTimeout: checkTimeout("closeTimeout", closeTimeout),
    maxPayload: checkCount("maxPayload", maxPayload, 1),
    clock,
  } as const;
  const dial = WebSocket === undefined ? by : dialClass(WebSocket);
  const begin = dial({
    url: address,
    protocols: offered,
    headers: parseHeaders(headers),
    closeTimeout,
    maxPayload,
  });
  const socket = new Socket({ url: address, binaryType, offered }, limits, begin);
  if (signal !== undefined) obey(signal, socket);
  return socket;
}

/** What is told of a signal, whose reason is the cause. */
export const ABORTED = "The signal was aborted before the connection was established";

/** Ends a socket when a signal is aborted, and lets go of the signal when the socket has ended. */
function obey(signal: AbortSignal, socket: Socket): void {
  const abort = (): void => {
    if (socket.readyState !== CONNECTING) return socket.close();
    giveUp(socket, ABORTED, signal.reason);
  };
  signal.addEventListener("abort", abort);
  socket.addEventListener("close", () => signal.removeEventListener("abort", abort));
}

/**
 * Connects to a server, with the platform's `WebSocket`.
 *
 * @param url Where to: `ws:`, `wss:`, `http:` or `https:`; in a page also relative to it.
 * @param options Subprotocols and the like.
 * @returns A socket that is CONNECTING. A failure is an `error` event, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for `headers` in a page, and on Node 20, which has no `WebSocket`: there, take
 * `connect` from the main door.
 * @throws {TypeError} If a header is not the program's to set, or an option none of what it can be.
 * @throws {RangeError} If a time limit is negative or no number, or `maxPayload` is less than 1.
 * @throws The signal's reason, if it is aborted already.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@isosocket/isosocket/client";
 *
 * const socket = connect("wss://example.org/chat", { protocols: ["chat.v2"] });
 * socket.onopen = () => socket.send("hello");
 * socket.onmessage = (event) => console.log(event.data);
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  return connectBy(dialByPlatform, url, options);
}
