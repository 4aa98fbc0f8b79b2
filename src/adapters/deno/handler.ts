/** Answers the requests of Deno's HTTP server, in whosever `Deno.serve` they arrive. @module */

import { accept } from "./accept.ts";
import { hasKeptHeaders, keepHeaders } from "./kept_headers.ts";
import { signalOf } from "./internals.ts";
import { type Watch, watchSignal } from "../../server/handler_wait.ts";
import { answer } from "../../server/answer.ts";
import type { Acceptance, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";

/** Information about a request, as `Deno.serve` passes it. */
export interface DenoServeInfo {
  /** Address of the peer; a unix socket's has no `hostname`. */
  readonly remoteAddr: object;
}

/** A handler for `Deno.serve`. */
export type DenoHandler = (request: Request, info: DenoServeInfo) => Promise<Response>;

const UNIX = "http+unix:";

/**
 * Gives a request on a unix socket an `http:` URL. Deno has a scheme of its own there, and the
 * socket's path for a host if the request names none.
 */
function useHttp(request: Request): void {
  const { url, headers } = request;
  const path = url.indexOf("/", UNIX.length + "//".length);
  const value = headers.get("host")
    ? `http:${url.slice(UNIX.length)}`
    : `http://localhost${url.slice(path)}`;
  Object.defineProperty(request, "url", { value });
}

/**
 * Returns a handler for `Deno.serve`.
 *
 * @throws {DOMException} `NotSupportedError` for `compression`.
 */
export function handlerFor(context: UpgradeContext): DenoHandler {
  if (context.compression !== undefined) {
    throw new DOMException(
      'Cannot compress on Deno\'s own server: it must be serve() with engine "tcp", the default then',
      "NotSupportedError",
    );
  }
  return async (request, { remoteAddr }) => {
    if (request.url.startsWith(UNIX)) useHttp(request);
    const { hostname } = remoteAddr as { hostname?: string };
    const info = { remoteAddress: hostname, httpVersion: undefined };
    const { keepAlive } = context;
    let hasWaited = false;
    const watch: Watch = (left) => {
      hasWaited = true;
      return watchSignal(signalOf(request))(left);
    };
    const accepted = (it: Acceptance) => accept(request, keepAlive, it);
    const runtime = { info, accept: accepted, watch, isBodyLocked };
    const response = await answer(context, request, runtime);
    if (hasWaited && !hasKeptHeaders(request)) keepHeaders(request); // the handler may still run
    return response;
  };
}
