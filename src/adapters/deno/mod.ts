/**
 * Sockets on `Deno.serve` and `Deno.upgradeWebSocket`.
 *
 * Use this entry point if the server is not started by `serve()`: `Deno.serve(wrap(handler))`, or a
 * framework that hands out Deno's own requests. Otherwise use `serve()` of the main entry point.
 *
 * @module
 */

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { upgrade } from "../../server/upgrade.ts";
export type { DenoHandler, DenoServeInfo } from "./handler.ts";
export { wrap } from "./wrap.ts";
