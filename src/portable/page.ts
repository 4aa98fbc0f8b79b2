/**
 * Clients of the main entry point in a page: bundlers take them by the condition "browser" of the npm
 * package.
 *
 * @module
 */

import type { ValueOrProvider } from "../client/reconnect/attempt.ts";
import type { ReconnectingSocket } from "../client/reconnect/reconnecting_socket.ts";
import type { Socket } from "../core/socket.ts";
import { connect as connectInPage, reconnect as reconnectInPage } from "../page/mod.ts";
import type { CarrierOptions, ConnectOptions } from "./connect.ts";
import type { ReconnectOptions } from "./reconnect.ts";

export { Socket, WebSocket, WebSocketStream } from "../page/mod.ts";

/** Refuses options that no page has. */
function refuse({ engine, tls, compression }: CarrierOptions): void {
  const reason = engine === "tcp"
    ? 'engine "tcp" here: it needs node:http'
    : tls !== undefined || compression !== undefined
    ? "tls or compression here: a page's WebSocket leaves no choice"
    : undefined;
  if (reason !== undefined) {
    throw new DOMException(`Cannot connect with ${reason}`, "NotSupportedError");
  }
}

/** `connect()` in a page. */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  refuse(options);
  return connectInPage(url, options);
}

/** `reconnect()` in a page. */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  refuse(options);
  return reconnectInPage(url, options);
}
