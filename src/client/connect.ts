/** Implements `connect()`: checks the options, and opens a socket. @module */

import type { WebSocketClass } from "../adapters/web/dial.ts";
import type { Clock } from "../core/clock.ts";
import type { ConnectionOptions } from "../core/connection_options.ts";
import type { Dial } from "../core/dial.ts";
import { CLIENT_MAX_PAYLOAD } from "../core/max_payload.ts";
import { CONNECTING } from "../core/ready_state.ts";
import { giveUp, Socket } from "../core/socket.ts";
import { checkCount, checkSignal, checkTimeout } from "../core/checks.ts";
import { checkNames, type OptionNames } from "../core/option_names.ts";
import { parseHeaders, parseProtocols, parseUrl } from "./arguments.ts";
import { dialByPlatform, dialClass } from "./platform.ts";

/** Options for {@linkcode connect}. */
export interface ConnectOptions {
  /**
   * Subprotocols to offer, in order of preference. If any are offered, the server must choose one.
   *
   * @default {[]}
   */
  protocols?: string | Iterable<string>;
  /**
   * Additional headers of the handshake, for instance `authorization`, `cookie` or `origin`. Headers
   * that belong to the handshake or to the connection are refused. Deno's own `WebSocket` sends its own
   * `user-agent` in addition to one that is given here. A browser cannot send headers of a program: there, the
   * option throws a `NotSupportedError`.
   *
   * @default {{}}
   */
  headers?: HeadersInit;
  /**
   * Signal that closes the socket when it is aborted. A connection that is not established yet is
   * given up, and the signal's reason is the `cause` of the error in the `error` event. An established
   * connection is closed as by `close()`.
   *
   * @default {undefined}
   */
  signal?: AbortSignal;
  /**
   * Type of the data of a `message` event for a binary message.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
  /**
   * Time limit for establishing the connection, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  timeout?: number;
  /**
   * Time limit for the server's answer to a Close frame, in milliseconds; 0 for no limit. It begins when
   * what was sent before has left; while nothing leaves, it runs too. Systems tell what has left in pieces of
   * up to 1 MiB, and Node's, Deno's and pages' own clients not at all.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * Maximum size of a received message, in bytes, after decompression; `Infinity` for no limit. A
   * longer message ends the connection: the socket fires `error` with a `QuotaExceededError`, then
   * `close` with 1006, and the server receives Close code 1009, or an empty Close frame from platforms
   * whose `WebSocket` cannot send that code (Deno, Node, browsers).
   *
   * The engine `tcp` stops while such a message is still arriving. A platform's own `WebSocket` has read
   * and decompressed a message before its size can be checked.
   *
   * @default {67108864}
   */
  maxPayload?: number;
  /**
   * The class that makes the connection: a class for tests, such as that of `scriptedServer()`, or one
   * with abilities that the platform's lacks.
   *
   * @default {the platform's}
   */
  WebSocket?: WebSocketClass;
  /**
   * Clock for all time limits. In tests, a `FakeClock` advances only when the test says so.
   *
   * @default {the system's}
   */
  clock?: Clock;
}

/** Names of {@linkcode ConnectOptions}. */
export const CONNECT_OPTIONS: OptionNames<ConnectOptions> = {
  protocols: 0,
  headers: 0,
  signal: 0,
  binaryType: 0,
  timeout: 0,
  closeTimeout: 0,
  maxPayload: 0,
  WebSocket: 0,
  clock: 0,
};

/** Checked options that do not change from one connection to the next. */
export interface ConnectConfig {
  /** Begins connections. */
  readonly dial: Dial;
  /** Limits of each socket. */
  readonly limits: ConnectionOptions & { readonly maxPayload: number };
}

/** One connection to make, as the program asked for it. */
export interface ConnectRequest {
  /** The address. */
  readonly url: string | URL;
  /** The subprotocols to offer. */
  readonly protocols: string | Iterable<string>;
  /** Additional headers of the handshake. */
  readonly headers: HeadersInit;
  /** Form of binary messages; `undefined` for the default of the socket. */
  readonly binaryType: BinaryType | undefined;
}

/** Options that a {@linkcode ConnectConfig} is made of. */
type ConfigOptions = Pick<
  ConnectOptions,
  "binaryType" | "timeout" | "closeTimeout" | "maxPayload" | "clock"
>;

/**
 * Checks the options that all connections share.
 *
 * @param dial Begins connections.
 * @throws {TypeError} If `binaryType` is neither `"blob"` nor `"arraybuffer"`.
 * @throws {RangeError} If a number is out of its range.
 */
export function checkConfig(dial: Dial, options: ConfigOptions): ConnectConfig {
  const { binaryType, timeout = 10_000, closeTimeout = 10_000 } = options;
  const { maxPayload = CLIENT_MAX_PAYLOAD, clock } = options;
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
  return { dial, limits };
}

/** Checks a request, and makes a socket that connects. */
export function openSocket(
  { dial, limits }: ConnectConfig,
  { url, protocols, headers, binaryType }: ConnectRequest,
): Socket {
  const address = parseUrl(url);
  const offered = parseProtocols(protocols);
  const begin = dial({
    ...limits,
    url: address,
    protocols: offered,
    headers: parseHeaders(headers),
  });
  return new Socket({ url: address, binaryType, offered }, limits, begin);
}

/** Converts the second argument of `connect()`: options, or subprotocols as `new WebSocket()` takes them. */
export function toOptions<Options extends ConnectOptions>(
  given: Options | string | Iterable<string>,
): Options {
  return typeof given === "string" || Symbol.iterator in Object(given)
    ? { protocols: given } as Options
    : given as Options ?? {};
}

/**
 * Implements `connect()`.
 *
 * @param defaultDial Begins connections, unless the options have a class.
 * @param names Names of its options: the caller may have further ones.
 */
export function connectBy(
  defaultDial: Dial,
  url: string | URL,
  options: ConnectOptions,
  names: OptionNames<ConnectOptions> = CONNECT_OPTIONS,
): Socket {
  checkNames("connect", options, names);
  const { protocols = [], headers = {}, signal, binaryType, WebSocket } = options;
  checkSignal(signal);
  const dial = WebSocket === undefined ? defaultDial : dialClass(WebSocket);
  const config = checkConfig(dial, options);
  const socket = openSocket(config, { url, protocols, headers, binaryType });
  if (signal !== undefined) closeOnAbort(socket, signal);
  return socket;
}

/** Message of the error of a connection whose signal was aborted; its cause is the signal's reason. */
export const ABORTED = "The signal was aborted before the connection was established";

/** Ends a socket when a signal is aborted. The listener on the signal is removed at the socket's end. */
function closeOnAbort(socket: Socket, signal: AbortSignal): void {
  const abort = (): void => {
    if (socket.readyState !== CONNECTING) return socket.close();
    giveUp(socket, ABORTED, signal.reason);
  };
  signal.addEventListener("abort", abort);
  socket.addEventListener("close", () => signal.removeEventListener("abort", abort));
}

/**
 * Connects to a server, and offers it subprotocols, as `new WebSocket()` does.
 *
 * @param url The address.
 * @param protocols A subprotocol, or several in order of preference.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed.
 */
export function connect(url: string | URL, protocols: string | Iterable<string>): Socket;
/**
 * Connects to a server, with the platform's `WebSocket`.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`; in a page, it may be relative.
 * @param options Subprotocols, headers, limits.
 * @returns A socket that is CONNECTING. If the connection fails, it fires `error`, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for `headers` in a page, and on Node 20, which has no `WebSocket`: there, import
 * `connect` from the main entry point.
 * @throws {TypeError} If a header may not be set by a program, or an option is invalid.
 * @throws {RangeError} If a time limit is negative or not a number, or `maxPayload` is less than 1.
 * @throws The signal's reason, if the signal is already aborted.
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
export function connect(url: string | URL, options?: ConnectOptions): Socket;
export function connect(
  url: string | URL,
  options: ConnectOptions | string | Iterable<string> = {},
): Socket {
  return connectBy(dialByPlatform, url, toOptions(options));
}
