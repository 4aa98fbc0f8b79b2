/** Clients over the `ws` package: on Node 20, which has no `WebSocket`, and wherever they are asked for. @module */

import { DEFAULT_THRESHOLD } from "../compression.ts";
import type { Call } from "../dial.ts";
import { failureOf } from "../failure.ts";
import type { Begin } from "../link.ts";
import { parseRetryAfter } from "../retry_after.ts";
import { WsClient, WsLink, wsOptions } from "../ws_link.ts";

/** ms: the longest that timers can wait. */
const FOR_EVER = 0x7fffffff;

/** Begins a connection with `ws`. */
export function dial({ url, protocols, headers = {}, tls, closeTimeout }: Call): Begin {
  return (events) => {
    const ws = new WsClient(url, protocols, {
      ...tls,
      ...wsOptions(Infinity),
      headers,
      maxPayload: 0,
      closeTimeout: closeTimeout || FOR_EVER, // 0 would be no time
    });
    const link = new WsLink(ws, events, undefined, DEFAULT_THRESHOLD);
    ws.on("unexpected-response", (_, { statusCode, headers }) => {
      const failure = failureOf(new Error(`Unexpected server response: ${statusCode}`));
      const retryAfter = parseRetryAfter(headers["retry-after"], Date.now());
      events.failed(retryAfter === undefined ? failure : Object.assign(failure, { retryAfter }));
      ws.terminate();
    });
    ws.on("upgrade", ({ socket }) => link.writesTo(socket ?? undefined)); // null on Bun
    ws.on("open", () => events.opened(link, ws.protocol, ws.extensions));
    return () => ws.terminate();
  };
}
