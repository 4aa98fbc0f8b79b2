/** Bun's HTTP server, as `serve()` starts and ends it. @module */

import { lookup } from "node:dns/promises";
import { platform } from "node:os";
import type { BunServer } from "./bun_server.ts";
import { fetchFor } from "./fetch.ts";
import { handlersFor } from "./web_socket_handlers.ts";
import { type Listening, unsupported, type Where } from "../../server/listening.ts";
import { plain } from "../../server/response.ts";
import type { UpgradeContext } from "../../server/handler.ts";

/** The part of the `Bun` namespace that is used here. */
declare const Bun: {
  serve(options: object): BunServer & {
    readonly port?: number;
    stop(closeConnections: boolean): Promise<void>;
  };
};

/**
 * Starts Bun's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, context: UpgradeContext): Promise<Listening> {
  const address = await serveOptionsFor(where);
  const server = Bun.serve({
    ...address,
    fetch: fetchFor(context),
    websocket: handlersFor(context),
    development: false, // otherwise its answer to an error is a page that shows the sources
    error(error: unknown) { // for instance, a body that cannot be read any more
      context.onError(error);
      return plain(500, "Internal Server Error");
    },
  });
  return {
    port: server.port ?? 0,
    stop: () => server.stop(false),
    drop: () => {
      server.stop(true).catch(() => {}); // nobody is left to report it to
    },
  };
}

/**
 * Returns the options of `Bun.serve` that say where to listen.
 *
 * @throws {DOMException} `NotSupportedError` for what Bun's own server cannot do.
 */
async function serveOptionsFor({ port, hostname, reusePort, unix, tls }: Where): Promise<object> {
  const secure = tls && { tls };
  if (unix !== undefined) return { unix, ...secure };
  if (reusePort && platform() !== "linux") {
    throw unsupported("reusePort", "Bun does so on Linux only");
  }
  await lookup(hostname); // if there is no such name, Bun reports the last system error instead
  return { port, hostname, reusePort, ...secure };
}
