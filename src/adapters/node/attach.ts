/** Attaches a handler to a `node:http` server of the user's. @module */

import { kindOf } from "../../core/checks.ts";
import type { NodeServer } from "./http_server.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { checkSocketOptionNames, type SocketOptions } from "../../server/options.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { Hub } from "../../server/hub.ts";
import type { Handler } from "../../server/handler.ts";
import { answerHandshakes } from "./answer.ts";

/** Servers that have a handler. */
const attached = new WeakSet<NodeServer>();

/**
 * Answers the WebSocket handshakes of a server that is yours. Its other requests stay yours.
 *
 * @param http A `node:http` or `node:https` server, or an object that behaves like one.
 * @param handler May call {@linkcode upgrade}, or refuse with another response.
 * @returns The hub of its sockets. They end with {@linkcode Hub.close}, not with the server's own
 * `close()`; it also removes all listeners from the server.
 * @throws {TypeError} If the server has been attached to before, and that hub is not closed; or if it is
 * no server, the handler no function, or an option unknown.
 *
 * @example
 * ```ts
 * import { attach, upgrade } from "@isosocket/isosocket/node";
 * import { createServer } from "node:http";
 *
 * const http = createServer((_request, response) => response.end("a page"));
 * attach(http, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * http.listen(0, "127.0.0.1", () => http.close());
 * ```
 */
export function attach(http: NodeServer, handler: Handler, options: SocketOptions = {}): Hub {
  checkSocketOptionNames("attach", options);
  checkServer(http);
  if ("listen" in Object(handler)) {
    throw new TypeError(
      "Cannot attach an app as the handler: through(app) makes one of it, or through(app.routing) for Fastify",
    );
  }
  const core = new ServerCore(handler, options, diagnostics);
  if (attached.has(http)) {
    throw new TypeError(
      "Cannot attach to this server: it has a handler already, and close() of its hub must be awaited first",
    );
  }
  attached.add(http);
  const detach = answerHandshakes(http, core);
  return core.hub(() => {
    detach();
    attached.delete(http);
    return Promise.resolve();
  });
}

/**
 * Checks that this is a server.
 *
 * @throws {TypeError} If it is none: Express's app takes listeners, too, and would never call them.
 */
function checkServer(http: NodeServer): void {
  if (typeof http === "object" && http !== null && typeof http.listenerCount === "function") return;
  throw new TypeError(
    `Cannot attach to ${
      kindOf(http)
    }: it must be a server of node:http, as listen() of an Express app ` +
      "returns it, and Fastify has it in app.server",
  );
}
