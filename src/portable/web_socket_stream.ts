/** `WebSocketStream` on every runtime. @module */

import {
  type WebSocketStream as ClientWebSocketStream,
  webSocketStreamBy,
  type WebSocketStreamConstructor,
} from "../client/web_socket_stream.ts";
import { dialerBy } from "./connect.ts";

/**
 * A connection as a pair of streams, in the shape of the WebSocketStream explainer, on every runtime.
 * If the runtime cannot stop reading from the network, up to 16 MiB are buffered for a slow reader;
 * beyond that, the connection is dropped.
 *
 * @example
 * ```ts
 * import { serve, upgrade, WebSocketStream } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   void socket.readable.pipeTo(socket.writable);
 *   return response;
 * });
 *
 * const { readable, writable } = await new WebSocketStream(server.url).opened;
 * await writable.getWriter().write("hello");
 * const { value } = await readable.getReader().read();
 * assert.equal(value, "hello");
 * ```
 */
export const WebSocketStream: WebSocketStreamConstructor = webSocketStreamBy(dialerBy().dial);

/** An instance of {@linkcode WebSocketStream}: `url`, `opened`, `closed` and `close()`. */
export type WebSocketStream = ClientWebSocketStream;
