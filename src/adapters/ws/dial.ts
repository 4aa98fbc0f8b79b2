/** Clients over the `ws` package: on Node 20, which has no `WebSocket`, and with engine `"ws"`. @module */

import { DEFAULT_THRESHOLD } from "../../handshake/compression.ts";
import { authorized } from "../../core/credentials.ts";
import type { DialRequest } from "../../core/dial.ts";
import { failureOf } from "../../core/failure.ts";
import { tooLong } from "../../core/max_payload.ts";
import type { StartConnection } from "../../core/link.ts";
import { parseRetryAfter } from "../../handshake/retry_after.ts";
import { WsLink } from "./link.ts";
import { closeTimeoutOf, INFLATE_OPTIONS, limitOptions } from "./options.ts";
import { WsClient } from "./socket.ts";

/** Returns the function that begins a connection with `ws`. */
export function dial(call: DialRequest): StartConnection {
  const { url, protocols, headers = {}, tls, closeTimeout, maxPayload } = authorized(call);
  return (events) => {
    const ws = new WsClient(url, protocols, {
      ...tls,
      ...limitOptions(maxPayload),
      headers,
      perMessageDeflate: { zlibInflateOptions: INFLATE_OPTIONS },
      closeTimeout: closeTimeoutOf(closeTimeout),
    });
    ws.on("error", (error: Error & { code?: string }) => { // before the link's own listener
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
