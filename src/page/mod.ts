/**
 * Clients for pages: what `./client` has, over the listeners, the events and the checks of the browser,
 * in a third of the size.
 *
 * On npm, bundlers for pages take this for `./client` by themselves. On JSR, import it by name.
 *
 * What is different: options are checked by their types only; what is wrong with an address is told by an
 * `error` event of `reconnect()`, which then ends; events are the platform's own; and `WebSocket` is the
 * platform's own class. Only browsers have all that it needs.
 *
 * @module
 */

import type { CloseEventConstructor } from "../client/mod.ts";
import type { Socket as CoreSocket } from "../core/socket.ts";
import { PageSocket } from "./page_socket.ts";

export type {
  Attempt,
  AttemptEvent,
  BackoffOptions,
  Clock,
  CloseEventConstructor,
  ConnectFailure,
  ConnectOptions,
  HeartbeatOptions,
  Message,
  QueueOptions,
  ReconnectEventMap,
  ReconnectingSocket,
  ReconnectListener,
  ReconnectOptions,
  Sendable,
  SocketEventMap,
  SocketListener,
  ValueOrProvider,
  WebSocketClass,
  WebSocketCloseInfo,
  WebSocketConnection,
  WebSocketConstructor,
  WebSocketStreamConstructor,
  WebSocketStreamOptions,
} from "../client/mod.ts";
export { WebSocketError } from "../client/web_socket_error.ts";
export { WebSocketStream } from "../client/web_socket_stream.ts";
export { connect } from "./connect.ts";
export { reconnect } from "./reconnect.ts";

// As calls, which bundles leave out where nobody uses them: to read a global variable may have an effect.

/** The platform's own class of `close` events. */
export const CloseEvent: CloseEventConstructor = /* @__PURE__ */ (() => globalThis.CloseEvent)();

/** An event of the end of a connection. */
export type CloseEvent = globalThis.CloseEvent;

/** The class of the sockets of `connect()`, for `instanceof`: only `connect()` makes them. */
export const Socket: typeof CoreSocket = PageSocket as unknown as typeof CoreSocket;

/** A socket of `connect()`. */
export type Socket = CoreSocket;

/**
 * The platform's own `WebSocket`: in a page, it is the standard's already. It has none of the further
 * members of a `Socket`, and no time limits: for those, there is `connect()`.
 */
export const WebSocket: typeof globalThis.WebSocket =
  /* @__PURE__ */ (() => globalThis.WebSocket)();

/** An instance of {@linkcode WebSocket}. */
export type WebSocket = globalThis.WebSocket;
