/** Follows redirects of a handshake (RFC 6455, 4.1; RFC 9110, 15.4), for `connect --location`. @module */

import type { Dial, DialRequest } from "../../core/dial.ts";
import type { ConnectFailure } from "../../core/failure.ts";
import type { LinkEvents } from "../../core/link.ts";
import { redact, redactLocation } from "../../core/credentials.ts";
import { REDIRECTING } from "../shared/failure_reason.ts";
import { quote } from "../shared/printable.ts";
import { passOn } from "./pass_on.ts";

/** Maximum number of redirects of one attempt. */
const MAX_REDIRECTS = 10;

/** Headers that prove who the client is: for the origin that they were meant for. */
const SECRET = ["authorization", "cookie", "proxy-authorization"];

/**
 * Returns a function that dials as another one does, and dials again where a server redirects it.
 *
 * @param onRedirect Called with the status, and the address that is dialled next.
 */
export function followingRedirects(
  dial: Dial,
  onRedirect: (status: number, url: string) => void,
): Dial {
  return (first) => (events: LinkEvents) => {
    let giveUp = (): void => {};
    let left = MAX_REDIRECTS;
    const attempt = (request: DialRequest): void => {
      const failed = (cause: unknown): void => {
        const { status, headers } = (cause ?? {}) as Partial<ConnectFailure>;
        const location = headers?.get("location") ?? null;
        if (!REDIRECTING.includes(status) || location === null) return events.failed(cause);
        try {
          if (left-- === 0) throw new Error(`there were ${MAX_REDIRECTS} redirects, and one more`);
          const next = redirected(request, location);
          onRedirect(status!, next.url);
          attempt(next);
        } catch (error) {
          events.failed(error);
        }
      };
      giveUp = dial(request)(passOn(events, { failed }));
    };
    attempt(first);
    return () => giveUp();
  };
}

/**
 * Returns the request that follows a redirect. What proves who the client is stays behind where the
 * origin is another.
 *
 * @throws {Error} If the redirect may not be followed.
 */
export function redirected(request: DialRequest, location: string): DialRequest {
  const from = new URL(request.url);
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const shown = quote(redactLocation(location));
  if (to === undefined) throw new Error(`the server redirects to ${shown}, which is no address`);
  if (to.protocol === "http:") to.protocol = "ws:";
  if (to.protocol === "https:") to.protocol = "wss:";
  if (to.protocol !== "ws:" && to.protocol !== "wss:") {
    throw new Error(`the server redirects to ${shown}, which is no address of a WebSocket`);
  }
  if (from.protocol === "wss:" && to.protocol === "ws:") {
    throw new Error(`the server redirects to ${redact(to.href)}, which is not encrypted`);
  }
  to.hash = ""; // 15.4: it is for pages
  const isSameOrigin = from.protocol === to.protocol && from.host === to.host;
  if (!isSameOrigin) {
    const kept = Object.entries(request.headers ?? {}).filter(([name]) => !SECRET.includes(name));
    return { ...request, url: to.href, headers: Object.fromEntries(kept) };
  }
  if (to.username + to.password === "") {
    to.username = from.username;
    to.password = from.password;
  }
  return { ...request, url: to.href };
}
