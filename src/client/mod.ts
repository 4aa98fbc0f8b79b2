/**
 * Clients only: for browsers, and for programs without a server.
 *
 * @module
 */

export type { ConnectFailure } from "../core/failure.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export type { WebSocketClass } from "../adapters/web/dial.ts";
export type { Clock } from "../core/clock.ts";
export { Socket } from "../core/socket.ts";
export type { SocketEventMap, SocketListener } from "../core/socket_events.ts";
export type { CloseEventConstructor } from "../core/close_event.ts";
export { CloseEvent } from "./close_event.ts";
export { WebSocket, type WebSocketConstructor } from "./web_socket.ts";
export type { Message, Sendable } from "../core/streams.ts";
export type { WebSocketConnection } from "./stream_pair.ts";
export { type WebSocketCloseInfo, WebSocketError } from "./web_socket_error.ts";
export {
  WebSocketStream,
  type WebSocketStreamConstructor,
  type WebSocketStreamOptions,
} from "./web_socket_stream.ts";
export type { BackoffOptions } from "./reconnect/backoff.ts";
export type { HeartbeatOptions } from "./reconnect/heartbeat.ts";
export { reconnect, type ReconnectOptions } from "./reconnect/reconnect.ts";
export type {
  ReconnectEventMap,
  ReconnectingSocket,
  ReconnectListener,
} from "./reconnect/reconnecting_socket.ts";
export type { Attempt, AttemptEvent, ValueOrProvider } from "./reconnect/attempt.ts";
export type { QueueOptions } from "./reconnect/send_queue.ts";
