/** A server on whatever runtime this is: the only place that chooses by it. @module */

import type { Listen } from "../server/listening.ts";
import { missingPackage } from "./missing_package.ts";
import { removeAbandoned } from "../adapters/socket_file.ts";
import { type ServeOptions, type Server, start } from "../server/server.ts";
import type { Handler } from "../server/handler.ts";

/** What Deno's own server cannot do goes by the other one, unless it was asked for by its name. */
function goesBeyondDeno(
  { compression = false, reusePort = false, unix, tls }: ServeOptions,
): boolean {
  return compression !== false || reusePort || (unix !== undefined && tls !== undefined);
}

async function listener(options: ServeOptions): Promise<Listen> {
  const { engine } = options;
  const native = engine !== "ws";
  if ("Deno" in globalThis && native && (engine === "native" || !goesBeyondDeno(options))) {
    return (await import("../adapters/deno/mod.ts")).listen;
  }
  if ("Bun" in globalThis && native) return (await import("../adapters/bun/mod.ts")).listen;
  if ("process" in globalThis) {
    const { listen } = await import("../adapters/node/mod.ts").catch((error) => {
      throw missingPackage(error, "serve");
    });
    return listen;
  }
  return (await import("../adapters/unsupported.ts")).listen;
}

/**
 * Starts a server: the same file under `deno`, `bun` and `node`.
 *
 * @param options Where to listen, and time limits.
 * @param handler Answers each request: with {@linkcode upgrade} for a socket, or any response.
 * @returns The server, listening.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TypeError} If an option is none of what it can be.
 * @throws {DOMException} `NotSupportedError` for what the runtime cannot do.
 * @throws {Error} If the address is taken or not allowed, or a package not installed that this
 * engine needs: the message says which, and why.
 *
 * @example
 * ```ts
 * import { serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   if (new URL(request.url).pathname !== "/chat") return new Response("Hello");
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * assertEquals(await (await fetch(server.url)).text(), "Hello");
 * ```
 */
export async function serve(options: ServeOptions, handler: Handler): Promise<Server> {
  const listen = await listener(options);
  const { diagnostics } = await import("../adapters/diagnostics_channel.ts");
  return start(listen, options, handler, { diagnostics, removeAbandoned });
}
