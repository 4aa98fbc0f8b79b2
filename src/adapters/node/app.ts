/**
 * Handshakes that go through an app for `node:http`, for instance of Express or Fastify: its routes
 * and middleware run as for its other requests, and the headers that they set join the answer.
 *
 * @module
 */

import { exchangeOf, requestOf } from "./app_exchange.ts";
import { kindOf } from "../../core/checks.ts";
import { checkHandshake } from "../../handshake/handshake.ts";
import type { Handler } from "../../server/handler.ts";
import {
  upgrade as upgradeRequest,
  type Upgraded,
  type UpgradeOptions,
} from "../../server/upgrade.ts";

/**
 * The part of a `node:http` request that is used here. Express's request is one, and Fastify has it in
 * `request.raw`.
 */
export interface NodeRequest {
  /** The method, for instance `"GET"`. */
  readonly method?: string | undefined;
  /** The version of HTTP, for instance `"1.1"`. */
  readonly httpVersion: string;
  /** The header names and values, alternating. */
  readonly rawHeaders: readonly string[];
}

/**
 * A function that answers the requests of a `node:http` server: an Express app, or Fastify's
 * `app.routing`.
 */
// deno-lint-ignore no-explicit-any -- Node's own types, in whatever version the user has them
export type NodeListener = (incoming: any, reply: any) => unknown;

/**
 * Turns a request into a socket.
 *
 * In an app that requests reach by {@linkcode through}, the route sends the answer itself: in Express
 * by `response.setHeaders(upgraded.response.headers).end()`; a route of Fastify returns the response.
 *
 * @param request The `Request` that a handler is called with or, in such an app, Node's own request:
 * Express's is one, and Fastify has it in `request.raw`.
 * @throws {UpgradeError} If the request is no WebSocket handshake, or not allowed.
 * @throws {RangeError} If a limit is out of range, or `maxPayload` exceeds the server's.
 * @throws {TypeError} If an option is invalid, if the request does not come from {@linkcode attach},
 * or if it was upgraded or answered before.
 */
export function upgrade(request: Request | NodeRequest, options?: UpgradeOptions): Upgraded {
  return upgradeRequest(isNodes(request) ? handshakeOf(request) : request, options);
}

function isNodes(request: Request | NodeRequest): request is NodeRequest {
  return Object(request) === request && "rawHeaders" in request;
}

function handshakeOf(incoming: NodeRequest): Request {
  const request = requestOf(incoming);
  if (request !== undefined) return request;
  const { method = "GET", rawHeaders, httpVersion } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  checkHandshake({ method, headers }, httpVersion); // most likely it is a request for a page
  throw new TypeError(
    "Cannot upgrade this request: it must come from attach(server, through(app))",
  );
}

/**
 * Makes a handler for {@linkcode attach} from an app that answers the requests of a `node:http`
 * server. Node does not pass handshakes to such an app: with this, they go through its middleware to
 * its routes, one of which calls {@linkcode upgrade} and sends the headers of its response. An answer
 * that is no upgrade is sent unchanged.
 *
 * @param listener The app, or its function that takes a request and a response of Node's.
 *
 * @example
 * ```ts
 * import { attach, through, upgrade } from "@isosocket/isosocket/node";
 * import { createServer, type RequestListener } from "node:http";
 *
 * const app: RequestListener = (request, response) => {
 *   if (request.url !== "/socket") return response.end("a page");
 *   const upgraded = upgrade(request);
 *   upgraded.socket.onmessage = (event) => upgraded.socket.send(event.data);
 *   response.setHeaders(upgraded.response.headers).end();
 * };
 * const http = createServer(app);
 * attach(http, through(app));
 * http.listen(0, "127.0.0.1", () => http.close());
 * ```
 */
export function through(listener: NodeListener): Handler {
  if (typeof listener !== "function") {
    throw new TypeError(
      `Cannot go through the app: it must be a function, and is ${
        kindOf(listener)
      }; Fastify's is app.routing`,
    );
  }
  return (request) => {
    const exchange = exchangeOf(request);
    if (exchange === undefined) {
      throw new TypeError("Cannot go through the app: through() must be given to attach()");
    }
    return exchange.answer(listener);
  };
}
