/**
 * The URL of a request: its target and its host (RFC 9112, 3.2 and 3.3).
 *
 * Each runtime composes that URL in its own way, and some of them without validation: with
 * `Host: x/admin?`, a request for `/x` would become one for `/admin`, past a proxy that filters by
 * path. So it is read here, for all runtimes, before any handler runs: no byte of the host becomes
 * part of the path, and no byte of the path part of the host.
 *
 * @module
 */

import { isHost } from "./header_grammar.ts";
import { quote, UpgradeError } from "./upgrade_error.ts";

/** The parts of a request's head that identify its resource. */
export interface RequestHead {
  /** Method, for instance `"GET"`. */
  readonly method: string;
  /** Target as it was sent, or the URL that the runtime has composed of it. */
  readonly target: string;
  /** The `Host` header, several of them joined by commas; `null` if there is none. */
  readonly host: string | null;
  /** Scheme of the connection, which is that of a target without one. */
  readonly scheme: "http" | "https";
  /** Version of HTTP; `undefined` if the runtime does not expose it. */
  readonly httpVersion: string | undefined;
}

/** Start of a target in absolute-form: a scheme and an authority. */
const ABSOLUTE = /^(?:http|ws)(s?):\/\/([^/?#]*)/i;

/** Characters that a target may have. Browsers send more in a query than RFC 3986 allows. */
const VISIBLE = /^[!-~]*$/;

/** A dot segment, as `URL` reads one (RFC 3986, 5.2.4). */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Host of a request that names none, which HTTP/1.0 allows. */
const NO_HOST = "localhost";

/**
 * Reads the URL of a request.
 *
 * @returns The URL that handlers see, with the scheme `http:` or `https:`, as `URL` serializes it;
 * `undefined` for a request that is for the server as a whole (`OPTIONS *`).
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
  if (!isHost(authority)) { // 3.2.2: it takes precedence over the Host header
    throw malformed(`the request target is ${quote(target)}, and it must be a path or a URL`);
  }
  const query = rest.indexOf("?");
  const path = query < 0 ? rest : rest.slice(0, query);
  // `URL` reads a backslash as a slash, and so would see another path than a proxy.
  if (!VISIBLE.test(rest) || rest.includes("#") || path.includes("\\")) {
    throw malformed(`the request target ${quote(target)} has characters that must be encoded`);
  }
  // `URL` resolves `/a/../b`, which a proxy may have matched literally. Clients resolve such
  // segments before they send a request (RFC 3986, 6.2.2.3).
  if (DOT_SEGMENT.test(path)) {
    throw malformed(`the request target ${quote(target)} has dot segments`);
  }
  // Deno presents "*" as "/*"; no other resource has that name.
  if (method === "OPTIONS" && rest === "/*") return undefined;
  return new URL(`http${secure}://${authority}${rest}`).href;
}

function malformed(what: string): UpgradeError {
  return new UpgradeError(`Bad Request: ${what}`, 400, {}, "handshake");
}

/**
 * Reads the URL of a request, or answers the request.
 *
 * @param refused Called with the error of a malformed request.
 * @returns The URL, as {@linkcode readTarget} returns it; or the response to a request that no
 * handler sees: a malformed one, or one for the server as a whole.
 */
export function resolveTarget(
  head: RequestHead,
  refused: (error: UpgradeError) => void,
): string | Response {
  try {
    // 9110, 9.3.7: OPTIONS * is a ping. Which methods are allowed depends on the resource.
    return readTarget(head) ?? new Response(null, { status: 204 });
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    refused(error);
    return error.response;
  }
}
