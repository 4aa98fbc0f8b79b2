/** Clients over the `ws` package: on Node 20, which has no `WebSocket`, and wherever they are asked for. @module */

import { DEFAULT_THRESHOLD } from "../../handshake/compression.ts";
import { authorized } from "../../core/credentials.ts";
import type { DialRequest } from "../../core/dial.ts";
import { failureOf } from "../../core/failure.ts";
import { tooLong } from "../../core/max_payload.ts";
import type { StartConnection } from "../../core/link.ts";
import { parseRetryAfter } from "../../handshake/retry_after.ts";
import { INFLATE_OPTIONS, wsMaxPayload } from "./inflate.ts";
import { WsClient, WsLink, wsOptions } from "./link.ts";

/** ms: the longest that timers can wait. */
const FOR_EVER = 0x7fffffff;

/** Begins a connection with `ws`. */
export function dial(call: DialRequest): StartConnection {
  const { url, protocols, headers = {}, tls, closeTimeout, maxPayload } = authorized(call);
  return (events) => {
    const ws = new WsClient(url, protocols, {
      ...tls,
      ...wsOptions(maxPayload),
      headers,
      maxPayload: wsMaxPayload(maxPayload),
      perMessageDeflate: { zlibInflateOptions: INFLATE_OPTIONS },
      closeTimeout: closeTimeout || FOR_EVER, // 0 would be no time
    });
    ws.on("error", (error: Error & { code?: string }) => { // before the link hears of it
      if (error.code !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return;
      events.failed(new DOMException(tooLong(maxPayload), "QuotaExceededError"));
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
