/**
 * Sockets on `node:http`, by the engine `tcp`.
 *
 * Use this entry point if the server is yours: `attach(httpServer, handler)` for a plain server,
 * `attach(httpServer, through(app))` for Express, Fastify and the like. Otherwise use `serve()` of
 * the main entry point.
 *
 * @module
 */

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { type NodeListener, type NodeRequest, through, upgrade } from "./app.ts";
export { attach } from "./attach.ts";
export type { NodeServer, UpgradeListener } from "./http_server.ts";
