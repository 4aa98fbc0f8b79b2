/** Handlers for a `Deno.serve` that the user starts. @module */

import { type DenoHandler, handlerFor } from "./handler.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { checkSocketOptionNames, type SocketOptions } from "../../server/options.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { Hub } from "../../server/hub.ts";
import type { Handler } from "../../server/handler.ts";
import { wrongRuntime } from "../wrong_runtime.ts";

/**
 * Makes a handler for `Deno.serve` from one that may call {@linkcode upgrade}. The returned function
 * is also the {@linkcode Hub} of the handler's sockets.
 *
 * @example
 * ```ts
 * import { upgrade, wrap } from "@isosocket/isosocket/deno";
 * import { connect } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const handler = wrap((request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * await using server = Deno.serve({ port: 0, hostname: "127.0.0.1" }, handler);
 *
 * const socket = connect(`ws://127.0.0.1:${server.addr.port}`);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "hello");
 * socket.close();
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 *
 * @throws {TypeError} On another runtime: the message names the entry point for it.
 */
export function wrap(handler: Handler, options: SocketOptions = {}): DenoHandler & Hub {
  if (!("Deno" in globalThis)) throw wrongRuntime("wrap", "Deno");
  checkSocketOptionNames("wrap", options);
  const core = new ServerCore(handler, options, diagnostics);
  return Object.assign(handlerFor(core), core.hub());
}
