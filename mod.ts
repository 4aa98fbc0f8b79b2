/**
 * One WebSocket on every runtime: `serve` and `upgrade` on Deno, Bun and Node, `connect` there and
 * in browsers.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(`echo: ${event.data}`);
 *   return response;
 * });
 *
 * const socket = connect(server.url);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "echo: hello");
 * ```
 *
 * @module
 */

export type { CompressionOptions } from "./src/handshake/compression.ts";
export { type CarrierOptions, connect, type ConnectOptions } from "./src/portable/connect.ts";
export type { ClientTls, Engine } from "./src/core/dial.ts";
export type { ConnectFailure } from "./src/core/failure.ts";
export type {
  Broker,
  BrokerConnection,
  BrokerEvent,
  BrokerEvents,
  BrokerStats,
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "./src/pubsub/broker/broker.ts";
export type { Presence, PresenceChange, PresenceMember } from "./src/pubsub/presence/members.ts";
export type { TopicHistory } from "./src/pubsub/history/topic_history.ts";
export { type RefusalReason, UpgradeError } from "./src/handshake/upgrade_error.ts";
export type { SocketOptions } from "./src/server/options.ts";
export type { Refusal } from "./src/server/refusal.ts";
export type { Closed, CloseOptions, Hub, PublishOptions, Stats, Volume } from "./src/server/hub.ts";
export type { Limits } from "./src/server/limits.ts";
export type { ListenOptions, TlsOptions } from "./src/server/listening.ts";
export type { Origins } from "./src/handshake/origin.ts";
export { serve } from "./src/portable/serve.ts";
export type { ServeOptions, Server } from "./src/server/server.ts";
export { ServerSocket } from "./src/server/server_socket.ts";
export { Socket } from "./src/portable/socket.ts";
export type { SocketEventMap, SocketListener } from "./src/core/socket_events.ts";
export type { Handler, RequestInfo } from "./src/server/handler.ts";
export { upgrade, type Upgraded, type UpgradeOptions } from "./src/server/upgrade.ts";
export { CloseEvent } from "./src/client/close_event.ts";
export type { CloseEventConstructor } from "./src/core/close_event.ts";
export { WebSocket } from "./src/portable/web_socket.ts";
export { WebSocketStream } from "./src/portable/web_socket_stream.ts";
export type { WebSocketConnection } from "./src/client/stream_pair.ts";
export { type WebSocketCloseInfo, WebSocketError } from "./src/client/web_socket_error.ts";
export type {
  WebSocketStreamConstructor,
  WebSocketStreamOptions,
} from "./src/client/web_socket_stream.ts";
export type { Message, Sendable } from "./src/core/streams.ts";
export type { WebSocketConstructor } from "./src/client/web_socket.ts";
export { reconnect, type ReconnectOptions } from "./src/portable/reconnect.ts";
export type {
  Attempt,
  AttemptEvent,
  BackoffOptions,
  Clock,
  HeartbeatOptions,
  QueueOptions,
  ReconnectEventMap,
  ReconnectingSocket,
  ReconnectListener,
  ValueOrProvider,
  WebSocketClass,
} from "./src/client/mod.ts";
