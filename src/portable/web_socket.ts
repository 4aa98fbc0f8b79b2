/** The standard's `WebSocket` class on every runtime. @module */

import {
  WebSocket as WebSocketByPlatform,
  webSocketBy,
  type WebSocketConstructor,
} from "../client/web_socket.ts";
import { standIn } from "../client/platform.ts";
import { dialerBy } from "./connect.ts";
import { PREFERS_TCP } from "./default_engine.ts";
import type { Socket } from "../core/socket.ts";

/**
 * The `WebSocket` of the WHATWG WebSockets standard, the same on every runtime: the class of
 * `./client`, and on Node and Deno one over the engine `tcp`, as `connect()` takes it by default.
 *
 * It differs from the letter of the standard as the class of `./client` does: a server that does not
 * answer a Close frame is dropped after 10 seconds; a message of more than 64 MiB fails the connection, and
 * `maxPayload` of `connect()` changes that; `error` events carry the error; messages wait for an `open`
 * listener that returns a promise; a bare `SharedArrayBuffer` given to `send()` is a `TypeError`; the
 * platform's own targets take copies of its events only; there is `terminate()`.
 *
 * @example
 * ```ts
 * import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 *
 * const socket = new WebSocket(server.url);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "hello");
 * ```
 */
export const WebSocket: WebSocketConstructor = PREFERS_TCP
  ? standIn(webSocketBy(dialerBy().dial))
  : WebSocketByPlatform;

/** An instance of {@linkcode WebSocket}. */
export type WebSocket = Socket;
