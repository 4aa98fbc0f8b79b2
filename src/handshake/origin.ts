/**
 * Which pages may connect: the `Origin` header (RFC 6455, 10.2).
 *
 * A browser lets every page open a WebSocket to every server, and sends the server's cookies along.
 * Only the server can tell its own pages from others, by the header that no page can forge.
 *
 * @module
 */

import { quote, UpgradeError } from "./upgrade_error.ts";

/**
 * Which pages may connect.
 *
 * - A list of origins, each as a browser writes it: `"https://app.example"`, or `"null"` for pages
 *   without an origin. Nothing else is allowed then, the server's own pages neither.
 * - A function that is given the origin, in lower case and without a port that goes without saying,
 *   and the request, and returns `true` or `false`.
 * - `"*"`: all of them, and the header is not even looked at.
 *
 * @example A list, and a pattern for one kind of sockets
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * const PREVIEW = /^https:\/\/[a-z0-9-]+\.preview\.example$/;
 * const origins = ["https://app.example", "http://localhost:5173"];
 * await using server = await serve({ port: 0, hostname: "127.0.0.1", origins }, (request) => {
 *   const isPreview = new URL(request.url).pathname === "/preview";
 *   const own = isPreview ? { origins: (origin: string) => PREVIEW.test(origin) } : {};
 *   return upgrade(request, own).response;
 * });
 *
 * const socket = connect(server.url); // where there is no page, there is no Origin
 * await new Promise((resolve) => socket.onopen = resolve);
 * assertEquals(server.stats().refused.origin, 0);
 * ```
 */
export type Origins =
  | "*"
  | readonly string[]
  | ((origin: string, request: Request) => boolean);

/** Origins that make sense; `undefined` for the server's own. */
export type CheckedOrigins = Exclude<Origins, readonly string[]> | ReadonlySet<string> | undefined;

/** How the client of a request knows the server. */
export interface Site {
  /** The scheme, if it is known. */
  readonly scheme: "http" | "https" | undefined;
  /** The host, with the port if it was named. */
  readonly host: string;
}

/** A scheme, a host and perhaps a port (RFC 6454, 6.2). Only `file://` has no host. */
const FORM = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@\\,*]*)$/i;

/**
 * The one way to write an origin, so that two can be compared as strings.
 *
 * @returns `undefined` if it is none.
 */
function normalise(text: string): string | undefined {
  if (text === "null") return text;
  const scheme = FORM.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  // Of other schemes, for instance extensions' and apps', URL takes every origin for "null".
  if (scheme !== "http" && scheme !== "https") return text.toLowerCase();
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/**
 * Checks origins that a user gave.
 *
 * @throws {TypeError} If they are none.
 */
export function checkOrigins(origins: Origins | undefined): CheckedOrigins {
  if (origins === undefined || origins === "*" || typeof origins === "function") return origins;
  if (!Array.isArray(origins)) {
    const given = typeof origins === "string" ? `"${origins}"` : typeof origins;
    throw new TypeError(`Cannot use origins ${given}: it must be "*", a list or a function`);
  }
  return new Set(origins.map((entry: unknown) => {
    const origin = typeof entry === "string" ? normalise(entry) : undefined;
    if (origin !== undefined && !/^wss?:/.test(origin)) return origin; // a page's is never ws:
    const given = typeof entry === "string" ? `"${entry}"` : typeof entry;
    throw new TypeError(
      `Cannot allow origin ${given}: it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
    );
  }));
}

/**
 * Whether an origin is the server's own. What counts is host and port as the client named them.
 *
 * The scheme counts where it is known. Where it is not, behind a proxy that ends TLS and is not
 * trusted to say so, `http:` and `https:` pages of the host are both let in, as by most servers that
 * check at all (Go's gorilla/websocket and coder/websocket never ask for the scheme). For RFC 6454
 * they are two origins, and whoever can forge the `http:` pages of a host in somebody's network
 * profits from that; to refuse all `https:` pages instead would refuse nearly all that is deployed.
 */
function isOwn(origin: string, { scheme, host }: Site): boolean {
  if (!/^https?:/.test(origin)) return false; // an app's own scheme may have any host behind it
  const page = new URL(origin);
  if (scheme !== undefined && page.protocol !== `${scheme}:`) return false;
  return page.host === new URL(`${page.protocol}//${host}`).host;
}

/**
 * Checks the origin of a handshake. Without an `Origin` header it is no browser's, and is let
 * through: whoever is no browser can send any origin, so there would be nothing to gain.
 *
 * @param site How the client knows the server; its host is well-formed.
 * @throws {UpgradeError} 403 if it may not connect.
 * @throws {TypeError} If a user's function returns something else than `true` or `false`. A promise
 * would be as good as `true`, whatever becomes of it.
 */
export function checkOrigin(origins: CheckedOrigins, request: Request, site: Site): void {
  const header = request.headers.get("origin");
  if (header === null || origins === "*") return;
  const refuse = (what: string): never => {
    throw new UpgradeError(
      `Cannot upgrade: the origin ${quote(header)} is ${what}`,
      403,
      {},
      "origin",
    );
  };
  const origin = /^[!-~]+$/.test(header) ? normalise(header) : undefined;
  if (origin === undefined) return refuse("malformed: there must be one scheme and host");
  const remedy = 'the server\'s option "origins" must allow it';
  if (origins === undefined) {
    if (isOwn(origin, site)) return;
    const own = site.scheme === undefined ? site.host : `${site.scheme}://${site.host}`;
    refuse(`not that of this server, ${quote(own)}: ${remedy}`);
  } else if (
    !(typeof origins === "function" ? ask(origins, origin, request) : origins.has(origin))
  ) {
    refuse(`not allowed: ${remedy}`);
  }
}

function ask(
  origins: (origin: string, request: Request) => unknown,
  origin: string,
  request: Request,
): boolean {
  const answer = origins(origin, request);
  if (typeof answer === "boolean") return answer;
  Promise.resolve(answer).catch(ignore); // a rejection that nobody handles would end the process
  const given = answer instanceof Promise ? "a promise" : typeof answer;
  throw new TypeError(
    `Cannot tell if an origin is allowed by ${given}: the function origins must return true or false`,
  );
}

function ignore(): void {}
