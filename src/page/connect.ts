/** Implements `connect()` in a page. @module */

import { ABORTED, type ConnectOptions } from "../client/connect.ts";
import { CONNECTING } from "../core/ready_state.ts";
import type { Socket } from "../core/socket.ts";
import { PageSocket } from "./page_socket.ts";
import { refuse } from "./refuse.ts";

/**
 * Connects to a server from a page: `connect()` of the entry point `./client`, in a third of its size.
 * It takes the same options and returns the same `Socket`, over the listeners, the events and the
 * checks of the browser; options are checked by their types only.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`; it may be relative to the page.
 * @param options Subprotocols, limits, a signal.
 * @returns A socket that is CONNECTING. If the connection fails, it fires `error`, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed; `SecurityError` if
 * the page may not connect there; `NotSupportedError` for `headers`.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@isosocket/isosocket/page";
 *
 * const socket = connect("/chat", { protocols: ["chat.v2"] });
 * socket.onopen = () => socket.send("hello");
 * for await (const data of socket) console.log(data);
 * ```
 */
export function connect(url: string | URL, options?: ConnectOptions): Socket;
/** Connects with subprotocols alone, as `new WebSocket(url, protocols)` does. */
export function connect(url: string | URL, protocols: string | Iterable<string>): Socket;
export function connect(
  url: string | URL,
  options: ConnectOptions & { [Symbol.iterator]?: unknown } = {},
): Socket {
  const given = options[Symbol.iterator] ? options as Iterable<string> : []; // strings have it, too
  const { protocols = given, signal } = options;
  signal?.throwIfAborted();
  refuse(options);
  const socket = new PageSocket(url, protocols, options);
  const abort = (): void => {
    if (socket.readyState > CONNECTING) socket.close();
    else socket.abandon(ABORTED, undefined, signal!.reason);
  };
  signal?.addEventListener("abort", abort);
  // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it never rejects
  void socket.closed.then(() => signal?.removeEventListener("abort", abort));
  return socket as unknown as Socket;
}
