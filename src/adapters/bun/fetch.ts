/** The `fetch` option of `Bun.serve`. @module */

import type { BunServer } from "./bun_server.ts";
import { BunLink } from "./link.ts";
import { BunTopics } from "./topics.ts";
import { type Watch, watchSignal } from "../../server/handler_wait.ts";
import { answer } from "../../server/answer.ts";
import type { Acceptance, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";

/** A handler for the `fetch` option of `Bun.serve`. */
export type BunFetch = (request: Request, server: BunServer) => Promise<Response | undefined>;

/** Returns a `fetch` that answers requests and upgrades handshakes. */
export function fetchFor(context: UpgradeContext): BunFetch {
  const threshold = context.compression?.threshold ?? Infinity;
  return (request, server) => {
    if (request.url.startsWith("/")) completeUrl(request, server);
    const info = { remoteAddress: server.requestIP(request)?.address, httpVersion: undefined };
    const watch: Watch = (left) => watchSignal(request.signal)(left); // made only if it is needed
    const accepted = (it: Acceptance) => accept(request, server, threshold, it);
    return answer(context, request, { info, accept: accepted, watch, isBodyLocked });
  };
}

/** Bun's own upgrade. Returns `false` if the client has left. */
function accept(
  request: Request,
  server: BunServer,
  threshold: number,
  { events, protocol, headers }: Acceptance,
): undefined | false {
  // An empty value keeps Bun from choosing the first one that the client offers.
  headers.set("sec-websocket-protocol", protocol);
  const data = new BunLink(events, protocol, BunTopics.of(server, threshold));
  return server.upgrade(request, { data, headers }) ? undefined : false;
}

/** Completes a URL: if a request has no valid Host, Bun leaves its target as it came for a URL. */
function completeUrl(request: Request, { protocol }: BunServer): void {
  const value = `${protocol ?? "http"}://localhost${request.url}`;
  Object.defineProperty(request, "url", { value });
}
