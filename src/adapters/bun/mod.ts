/**
 * Sockets on `Bun.serve`.
 *
 * Use this entry point if the server is yours: `Bun.serve({ fetch: wrap(handler), websocket })`.
 * Otherwise use `serve()` of the main entry point.
 *
 * @module
 */

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { upgrade } from "../../server/upgrade.ts";
export type { BunServer } from "./bun_server.ts";
export type { BunSocket } from "./bun_socket.ts";
export type { BunFetch } from "./fetch.ts";
export { type BunWebSocketHandlers, websocket } from "./web_socket_handlers.ts";
export { type BunApp, wrap } from "./wrap.ts";
