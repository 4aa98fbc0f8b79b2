/** A socket that connects to a server, on whatever runtime this is. @module */

import { connectBy, type ConnectOptions } from "./client/connect.ts";
import { dialByPlatform, platformWebSocket } from "./client/platform.ts";
import type { Begin, LinkEvents } from "./link.ts";
import type { Socket } from "./socket.ts";

/** Node 20 has no `WebSocket`, and what is imported when it is needed comes a task too late. */
function dialByNode(url: string, protocols: string[], closeTimeout = 10_000): Begin {
  return (events: LinkEvents) => {
    let giveUp: (() => void) | undefined;
    let given = false;
    import("./adapters/node.ts").then(({ dial }) => {
      if (!given) giveUp = dial(url, protocols, closeTimeout)(events);
    }).catch((error) => events.failed(error));
    return () => {
      given = true;
      giveUp?.();
    };
  };
}

/** Begins a connection with the platform's `WebSocket`, and on Node 20 with `ws`. */
export function dialHere(url: string, protocols: string[], closeTimeout?: number): Begin {
  const by = platformWebSocket() === undefined ? dialByNode : dialByPlatform;
  return by(url, protocols, closeTimeout);
}

/**
 * Connects to a server: the same file in a browser, under `deno`, `bun` and `node`.
 *
 * @param url Where to: `ws:`, `wss:`, `http:` or `https:`; in a page also relative to it.
 * @param options Subprotocols and the like.
 * @returns A socket that is CONNECTING. A failure is an `error` event, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed.
 * @throws {TypeError} If `binaryType` is neither `"blob"` nor `"arraybuffer"`.
 * @throws {RangeError} If a time limit is negative or no number.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 *
 * const socket = connect(server.url);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assertEquals(data, "hello");
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  return connectBy(dialHere, url, options);
}
