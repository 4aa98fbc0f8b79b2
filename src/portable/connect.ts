/** `connect()` on every runtime: chooses the engine of a connection. @module */

import {
  CONNECT_OPTIONS,
  connectBy,
  type ConnectOptions as ClientOptions,
  toOptions,
} from "../client/connect.ts";
import {
  dialByPlatform,
  type Dialer,
  platformWebSocket,
  supportsOption,
  unsupportedReason,
} from "../client/platform.ts";
import {
  checkTls,
  type ClientTls,
  type Dial,
  type DialRequest,
  type Engine,
} from "../core/dial.ts";
import type { LinkEvents, StartConnection } from "../core/link.ts";
import type { Socket } from "../core/socket.ts";
import {
  checkCompression,
  type Compression,
  type CompressionOptions,
} from "../handshake/compression.ts";
import { defaultEngine, HAS_TCP } from "./default_engine.ts";

/**
 * Opens the stream of a handshake. Its declaration would need the types of Node, which users may lack.
 *
 * @internal
 */
export type OpenStream = import("../adapters/tcp/client_handshake.ts").OpenStream;

/** Options of `connect()` and `reconnect()` that the entry point for pages does not have. */
export interface CarrierOptions {
  /**
   * Engine of the connection: `"tcp"` is this package's own, over TCP and TLS of the runtime; `"native"`
   * the runtime's own `WebSocket`.
   *
   * `"tcp"` keeps all promises. It tells why a connection failed, cuts one at once in `terminate()`, ends
   * a message that is too long while it arrives, and has the options {@linkcode CarrierOptions.tls} and
   * {@linkcode CarrierOptions.compression}. Of proxies, it takes those that `NODE_USE_ENV_PROXY` asks
   * for. Pages and Workers have no TCP.
   *
   * @default {"tcp"} On Node and Deno. `"native"` elsewhere, and if a program has put a class of its own
   * into `globalThis.WebSocket`; but `"tcp"` if that class, or Bun's, lacks what other options need.
   */
  engine?: Engine;
  /**
   * TLS options for `wss:`, if the defaults do not fit. In a page, and with Deno's and Node's own
   * `WebSocket`, they are a `NotSupportedError`: those have no such options.
   *
   * @default {{}}
   */
  tls?: ClientTls;
  /**
   * Whether compression of messages is offered to the server (permessage-deflate, RFC 7692), and which
   * messages are compressed then. Only the engine `"tcp"` leaves the choice: elsewhere, the option is a
   * `NotSupportedError`.
   *
   * @default {true} A runtime's own `WebSocket` offers what it can: all but Deno's do.
   */
  compression?: boolean | CompressionOptions;
}

/** Names of {@linkcode CarrierOptions}. */
export const CARRIER_OPTIONS: Readonly<Record<keyof CarrierOptions, 0>> = {
  engine: 0,
  tls: 0,
  compression: 0,
};

const OF_TLS = "it belongs to the option tls";

/** Sentences on options that belong elsewhere here, or that other packages have. */
export const OTHERS: Readonly<Record<string, string>> = {
  ca: OF_TLS,
  cert: OF_TLS,
  key: OF_TLS,
  servername: OF_TLS,
  rejectUnauthorized: OF_TLS,
  perMessageDeflate: 'here, it is "compression"',
  origin: 'it belongs to the option "headers"',
};

/**
 * Options for `connect()`: {@linkcode CarrierOptions}, and those of `connect()` in the entry point
 * `./client` (`protocols`, `headers`, `signal`, `binaryType`, `timeout`, `closeTimeout`, `maxPayload`,
 * `WebSocket` and `clock`).
 */
export interface ConnectOptions extends ClientOptions, CarrierOptions {}

/** Imports the engine when a connection begins, a task late, which the socket does not notice. */
function dialByTcp(
  call: DialRequest,
  compression: Compression | undefined,
  openStream: OpenStream | undefined,
): StartConnection {
  return (events: LinkEvents) => {
    let giveUp: (() => void) | undefined;
    let isGivenUp = false;
    import("../adapters/tcp/dial.ts").then(({ dial }) => {
      if (!isGivenUp) giveUp = dial(call, compression, openStream)(events);
    }).catch((error) => events.failed(error));
    return () => {
      isGivenUp = true;
      giveUp?.();
    };
  };
}

const NO_NET = 'Cannot connect with engine "tcp" here: it needs node:http';

const NO_NATIVE =
  'Cannot connect with engine "native" here: this runtime has no WebSocket, and "tcp" needs none';

/** Returns why the platform's class cannot make a connection; `undefined` if it can. */
function unsupportedNatively(
  headers: DialRequest["headers"],
  tls: ClientTls | undefined,
  compression: CarrierOptions["compression"],
): string | undefined {
  if (platformWebSocket() === undefined) return NO_NATIVE;
  const reason = unsupportedReason(headers);
  if (reason !== undefined) return reason;
  const choice = tls !== undefined && !supportsOption("tls")
    ? "tls"
    : compression !== undefined
    ? "compression"
    : undefined;
  return choice &&
    `Cannot connect with ${choice} here: this WebSocket leaves no choice, and only the engine "tcp" does`;
}

/**
 * Returns a dialer that chooses the engine of each connection.
 *
 * @param openStream Opens the streams of the engine `tcp`, if it is not to do so itself.
 * @throws {TypeError} If an option is invalid.
 * @throws {RangeError} If the threshold of compression is not a number, or negative.
 * @internal
 */
export function dialerBy(
  { engine, tls = {}, compression }: CarrierOptions = {},
  openStream?: OpenStream,
): Dialer {
  if (engine !== undefined && engine !== "native" && engine !== "tcp") {
    throw new TypeError(`Cannot connect with engine "${engine}": it must be "native" or "tcp"`);
  }
  const checkedTls = checkTls(tls);
  const checkedCompression = checkCompression(compression ?? true);
  const byTcp: Dial = (request) => dialByTcp(request, checkedCompression, openStream);
  const choose = (headers: DialRequest["headers"]): Dial => {
    const isByTcp = (engine ?? defaultEngine()) === "tcp";
    const reason = isByTcp ? NO_NET : unsupportedNatively(headers, checkedTls, compression);
    if (reason === undefined) return dialByPlatform;
    if (engine !== "native" && HAS_TCP) return byTcp;
    throw new DOMException(reason, "NotSupportedError");
  };
  return {
    check: (headers) => void choose(headers),
    dial: (request) => choose(request.headers)({ ...request, tls: checkedTls }),
  };
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
 * Connects to a server: the same code in a browser, on Deno, Bun and Node.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`; in a page, it may be relative.
 * @param options Subprotocols, headers, engine and time limits.
 * @returns A socket that is CONNECTING. If the connection fails, it fires `error`, then `close` with
 * 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for options that the platform does not have: `headers`, `tls` and `compression` in a
 * page.
 * @throws {TypeError} If a header may not be set by a program, or an option is invalid.
 * @throws {RangeError} If a time limit is negative or not a number, or `maxPayload` is less than 1.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 *
 * const socket = connect(server.url);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "hello");
 * ```
 */
export function connect(url: string | URL, options?: ConnectOptions): Socket;
export function connect(
  url: string | URL,
  options: ConnectOptions | string | Iterable<string> = {},
): Socket {
  const given = toOptions(options);
  return connectBy(dialerBy(given).dial, url, given, {
    ...CONNECT_OPTIONS,
    ...OTHERS,
    ...CARRIER_OPTIONS,
  });
}
