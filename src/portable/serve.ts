/** `serve()` on every runtime: the only place that chooses a server by runtime. @module */

import type { Listen } from "../server/listening.ts";
import type { LinkEvents } from "../core/link.ts";
import { missingPackage } from "./missing_package.ts";
import { removeAbandoned } from "../adapters/socket_file.ts";
import { checkServeOptions, type ServeOptions, type Server, start } from "../server/server.ts";
import type { Handler } from "../server/handler.ts";

/** Returns whether the options need the engine `tcp`, since Deno's own server lacks them. */
function goesBeyondDeno(
  { compression = false, reusePort = false, unix, tls }: ServeOptions,
): boolean {
  return compression !== false || reusePort || (unix !== undefined && tls !== undefined);
}

/** Chooses the server. An `engine` that is named is used, whatever it lacks. */
async function listenFor(options: ServeOptions): Promise<Listen> {
  const { engine } = options;
  const native = engine !== "tcp";
  if ("Deno" in globalThis && native && (engine === "native" || !goesBeyondDeno(options))) {
    return (await import("../adapters/deno/listen.ts")).listen;
  }
  if ("Bun" in globalThis && native) return (await import("../adapters/bun/listen.ts")).listen;
  if ("process" in globalThis) {
    const { listen } = await import("../adapters/node/listen.ts").catch((error) => {
      throw missingPackage(error, "serve");
    });
    return listen;
  }
  return (await import("../adapters/unsupported.ts")).listen;
}

/**
 * Starts a server: the same code on Deno, Bun and Node. Without {@linkcode ListenOptions.hostname}, it
 * listens on all IPv4 addresses of the machine.
 *
 * @param options Address, limits and time limits.
 * @param handler Answers each request: with {@linkcode upgrade} for a socket, or with any response.
 * @returns The server, once it listens.
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If an option is invalid.
 * @throws {DOMException} `NotSupportedError` for options that the runtime does not have.
 * @throws {Error} If the address is in use or not allowed, or a package that the engine needs is not
 * installed: the message says which, and why.
 *
 * @example
 * ```ts
 * import { serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   if (new URL(request.url).pathname !== "/chat") return new Response("Hello");
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * assert.equal(await (await fetch(server.url)).text(), "Hello");
 * ```
 */
export async function serve(options: ServeOptions, handler: Handler): Promise<Server> {
  return await serveFollowed(options, handler, undefined);
}

/**
 * Implements `serve()`.
 *
 * @param follow Stands between the links of all sockets and those sockets; `undefined` for nothing.
 */
export async function serveFollowed(
  options: ServeOptions,
  handler: Handler,
  follow: ((events: LinkEvents) => LinkEvents) | undefined,
): Promise<Server> {
  checkServeOptions(options);
  const listen = await listenFor(options);
  const { diagnostics } = await import("../adapters/diagnostics_channel.ts");
  return start(listen, options, handler, { diagnostics, removeAbandoned, follow });
}
