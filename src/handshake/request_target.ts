/**
 * Which resource a request asks for: its target and its host as one URL (RFC 9112, 3.2 and 3.3).
 *
 * Runtimes compose that URL each in their own way, and some of them out of whatever the peer has
 * sent: with `Host: x/admin?`, a request for `/x` would become one for `/admin`, past a proxy that
 * filters by path. So it is read here, for all of them, before any handler runs: no byte of the host
 * becomes part of the path, and none of the path part of the host.
 *
 * @module
 */

import { isHost } from "./header_grammar.ts";
import { quote, UpgradeError } from "./upgrade_error.ts";

/** What the head of a request says of its resource. */
export interface RequestHead {
  /** For instance `"GET"`. */
  readonly method: string;
  /** The target as it was sent, or as a URL that the runtime has made of it. */
  readonly target: string;
  /** The `Host` header, several ones joined by commas; `null` if there is none. */
  readonly host: string | null;
  /** The scheme of the connection: that of a target which names none. */
  readonly scheme: "http" | "https";
  /** The version of HTTP, if the runtime tells it. */
  readonly httpVersion: string | undefined;
}

/** What a target in absolute-form begins with: a scheme and an authority. */
const ABSOLUTE = /^(?:http|ws)(s?):\/\/([^/?#]*)/i;

/** All that may stand in a target. Browsers send more in a query than RFC 3986 allows. */
const VISIBLE = /^[!-~]*$/;

/** A dot segment, as `URL` reads one (RFC 3986, 5.2.4). */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** The host where a request names none, as HTTP/1.0 lets it. */
const NO_HOST = "localhost";

/**
 * Reads which resource a request asks for.
 *
 * @returns The URL as handlers see it, with the scheme `http:` or `https:`, as `URL` writes it.
 * `undefined` for a request that asks for the server as a whole (`OPTIONS *`).
 * @throws {UpgradeError} 400 if it is malformed.
 */
export function readTarget(head: RequestHead): string | undefined {
  const { method, target, host, scheme, httpVersion } = head;
  if (method === "CONNECT") throw malformed("the method is CONNECT, and this is no proxy");
  if (host === null && httpVersion === "1.1") throw malformed("there is no Host header"); // 3.2
  if (host && !isHost(host)) {
    throw malformed(`the Host header is ${quote(host)}, and it must be one host`);
  }
  if (method === "OPTIONS" && target === "*") return undefined; // 3.2.4
  const absolute = target.startsWith("/") ? `${scheme}://${host || NO_HOST}${target}` : target;
  const [start = "", secure, authority = ""] = ABSOLUTE.exec(absolute) ?? [];
  const rest = absolute.slice(start.length);
  if (!isHost(authority)) { // 3.2.2: it counts instead of the Host header
    throw malformed(`the request target is ${quote(target)}, and it must be a path or a URL`);
  }
  const query = rest.indexOf("?");
  const path = query < 0 ? rest : rest.slice(0, query);
  // `URL` takes a backslash for a slash, and so would see another path than a proxy.
  if (!VISIBLE.test(rest) || rest.includes("#") || path.includes("\\")) {
    throw malformed(`the request target ${quote(target)} has characters that must be encoded`);
  }
  // `URL` resolves `/a/../b`, which a proxy may have taken as it stands. Clients resolve such segments
  // before they ask (RFC 3986, 6.2.2.3).
  if (DOT_SEGMENT.test(path)) {
    throw malformed(`the request target ${quote(target)} has dot segments`);
  }
  // Deno shows "*" as "/*"; no other resource has that name.
  if (method === "OPTIONS" && rest === "/*") return undefined;
  return new URL(`http${secure}://${authority}${rest}`).href;
}

function malformed(what: string): UpgradeError {
  return new UpgradeError(`Bad Request: ${what}`, 400, {}, "handshake");
}

/**
 * Reads which resource a request asks for.
 *
 * @param refused Told of a request that is malformed.
 * @returns Its URL, as {@linkcode readTarget} reads it; or the answer to a request that no handler is
 * to see: a malformed one, and one for the server as a whole.
 */
export function resolveTarget(
  head: RequestHead,
  refused: (error: UpgradeError) => void,
): string | Response {
  try {
    // 9110, 9.3.7: OPTIONS * is a ping. Which methods there are is for each resource to say.
    return readTarget(head) ?? new Response(null, { status: 204 });
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    refused(error);
    return error.response;
  }
}
