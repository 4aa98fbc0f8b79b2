/** Handlers for a `Bun.serve` that the user starts. @module */

import { type BunFetch, fetchFor } from "./fetch.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { checkSocketOptionNames, type SocketOptions } from "../../server/options.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { Hub } from "../../server/hub.ts";
import type { Handler } from "../../server/handler.ts";
import { type BunWebSocketHandlers, handlersFor } from "./web_socket_handlers.ts";
import { wrongRuntime } from "../wrong_runtime.ts";

/** A `fetch` for `Bun.serve` that is also the {@linkcode Hub} of its sockets. */
export interface BunApp extends BunFetch, Hub {
  /** The `websocket` option that belongs to it: Bun applies its `maxPayload` and `compression`. */
  readonly websocket: BunWebSocketHandlers;
}

/**
 * Makes a `fetch` for `Bun.serve` from a handler that may call {@linkcode upgrade}. It needs its
 * `websocket` beside it, or {@linkcode websocket} if there are no options:
 *
 * ```ts ignore
 * const fetch = wrap(handler, { compression: true });
 * Bun.serve({ fetch, websocket: fetch.websocket });
 * ```
 *
 * The returned function is also the {@linkcode Hub} of the handler's sockets.
 *
 * @throws {TypeError} On another runtime: the message names the entry point for it.
 * @throws {DOMException} `NotSupportedError` for `windowBits`, which Bun's own server does not have.
 */
export function wrap(handler: Handler, options: SocketOptions = {}): BunApp {
  if (!("Bun" in globalThis)) throw wrongRuntime("wrap", "Bun");
  checkSocketOptionNames("wrap", options);
  const core = new ServerCore(handler, options, diagnostics);
  return Object.assign(fetchFor(core), core.hub(), { websocket: handlersFor(core) });
}
