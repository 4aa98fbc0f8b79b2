/** `connect()` on every runtime: chooses the engine of a connection. @module */

import { connectBy, type ConnectOptions as ClientOptions } from "../client/connect.ts";
import {
  dialByPlatform,
  type Dialer,
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
import { missingPackage } from "./missing_package.ts";
import type { Socket } from "../core/socket.ts";

/** Options of `connect()` and `reconnect()` that the entry point for pages does not have. */
export interface CarrierOptions {
  /**
   * Engine of the connection: `"native"` is the runtime's own `WebSocket`, `"ws"` the `ws` package over
   * `node:net`.
   *
   * Choose `"ws"` on Deno if messages have more than 1024 bytes: its own `WebSocket` writes the
   * head of such a frame apart from the rest, which then waits until the peer's system has
   * acknowledged the head, 44 ms for each message; for smaller ones, its own is faster. `ws` needs
   * `--allow-env` there. On Deno and Node it also reports why a connection failed, and cuts one at
   * once in `terminate()`. Bun, which has an implementation of `ws` of its own, gains nothing by
   * it.
   *
   * @default {"native"} `"ws"` if that cannot do what is needed: on Node 20, which has no
   * `WebSocket`; on Deno and Node if {@linkcode CarrierOptions.tls} is given.
   */
  engine?: Engine;
  /**
   * TLS options for `wss:`, if the defaults do not fit. In a page, and with Deno's and Node's own
   * `WebSocket`, they are a `NotSupportedError`: those have no such options.
   *
   * @default {{}}
   */
  tls?: ClientTls;
}

/**
 * Options for `connect()`: {@linkcode CarrierOptions}, and those of `connect()` in the entry point
 * `./client` (`protocols`, `headers`, `signal`, `binaryType`, `timeout`, `closeTimeout`, `maxPayload`,
 * `WebSocket` and `clock`).
 */
export interface ConnectOptions extends ClientOptions, CarrierOptions {}

/** Imports `ws` when a connection begins, a task late, which the socket does not notice. */
function dialByWs(call: DialRequest): StartConnection {
  return (events: LinkEvents) => {
    let giveUp: (() => void) | undefined;
    let isGivenUp = false;
    import("../adapters/ws/dial.ts").then(({ dial }) => {
      if (!isGivenUp) giveUp = dial(call)(events);
    }).catch((error) => events.failed(missingPackage(error, 'connect with engine "ws"')));
    return () => {
      isGivenUp = true;
      giveUp?.();
    };
  };
}

const NO_NET = 'Cannot connect with engine "ws" here: it needs node:net';

/** Returns why the platform's class cannot make a connection; `undefined` if it can. */
function unsupportedNatively(
  headers: DialRequest["headers"],
  tls: ClientTls | undefined,
): string | undefined {
  const reason = unsupportedReason(headers);
  if (reason !== undefined || tls === undefined || supportsOption("tls")) return reason;
  return "Cannot connect with tls here: this WebSocket leaves no choice, so take another engine, or " +
    "add the authority to those that the runtime trusts";
}

/**
 * Returns a dialer that chooses the engine of each connection.
 *
 * @throws {TypeError} If an option is invalid.
 */
export function dialerBy({ engine, tls = {} }: CarrierOptions = {}): Dialer {
  if (engine !== undefined && engine !== "native" && engine !== "ws") {
    throw new TypeError(`Cannot connect with engine "${engine}": it must be "native" or "ws"`);
  }
  const checked = checkTls(tls);
  const choose = (headers: DialRequest["headers"]): Dial => {
    const reason = engine === "ws" ? NO_NET : unsupportedNatively(headers, checked);
    if (reason === undefined) return dialByPlatform;
    if (engine !== "native" && "process" in globalThis) return dialByWs;
    throw new DOMException(reason, "NotSupportedError");
  };
  return {
    check: (headers) => void choose(headers),
    dial: (request) => choose(request.headers)({ ...request, tls: checked }),
  };
}

/**
 * Connects to a server: the same code in a browser, on Deno, Bun and Node.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`; in a page, it may be relative.
 * @param options Subprotocols, headers, engine and time limits.
 * @returns A socket that is CONNECTING. If the connection fails, it fires `error`, then `close` with
 * 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for options that the platform does not have: `headers` and `tls` in a page.
 * @throws {TypeError} If a header may not be set by a program, or an option is invalid.
 * @throws {RangeError} If a time limit is negative or not a number, or `maxPayload` is less than 1.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
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
 * assertEquals(data, "hello");
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  return connectBy(dialerBy(options).dial, url, options);
}
