/**
 * The check of the `Origin` header (RFC 6455, 10.2).
 *
 * A browser lets every page open a WebSocket to every server, and sends the server's cookies with
 * it. Only the server can distinguish its own pages from others, by this header, which no page can
 * forge.
 *
 * @module
 */

import { kindOf } from "../core/checks.ts";
import { quote, UpgradeError } from "./upgrade_error.ts";

/**
 * Origins of the pages that may connect.
 *
 * - A list of origins, each as a browser sends it: `"https://app.example"`, or `"null"` for pages
 *   with an opaque origin. No other page may connect then, not even the server's own.
 * - A function that is called with the origin, in lower case and without a default port, and with
 *   the request, and returns `true` or `false`.
 * - `"*"`: all pages. The header is not read.
 *
 * @example A list, and a pattern for one kind of sockets
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const PREVIEW = /^https:\/\/[a-z0-9-]+\.preview\.example$/;
 * const origins = ["https://app.example", "http://localhost:5173"];
 * await using server = await serve({ port: 0, hostname: "127.0.0.1", origins }, (request) => {
 *   const isPreview = new URL(request.url).pathname === "/preview";
 *   const own = isPreview ? { origins: (origin: string) => PREVIEW.test(origin) } : {};
 *   return upgrade(request, own).response;
 * });
 *
 * const socket = connect(server.url); // not a page, so it sends no Origin
 * await new Promise((resolve) => socket.onopen = resolve);
 * assert.equal(server.stats().refused.origin, 0);
 * ```
 */
export type Origins =
  | "*"
  | readonly string[]
  | ((origin: string, request: Request) => boolean);

/** {@linkcode Origins}, checked; `undefined` for the server's own. */
export type CheckedOrigins = Exclude<Origins, readonly string[]> | ReadonlySet<string> | undefined;

/** Scheme and host of the server, as the client of a request knows them. */
export interface Site {
  /** Scheme; `undefined` if it is unknown. */
  readonly scheme: "http" | "https" | undefined;
  /** Host, with the port if the request has one. */
  readonly host: string;
}

/** A scheme, a host and an optional port (RFC 6454, 6.2). Only `file://` has no host. */
const FORM = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@\\,*]*)$/i;

/**
 * Returns the canonical form of an origin, so that two can be compared as strings; `undefined` if
 * the text is not an origin.
 */
function normalise(text: string): string | undefined {
  if (text === "null") return text;
  const scheme = FORM.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  // For other schemes, for instance those of extensions and apps, the origin of a URL is "null".
  if (scheme !== "http" && scheme !== "https") return text.toLowerCase();
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/**
 * Checks the option `origins`.
 *
 * @throws {TypeError} If it is invalid.
 */
export function checkOrigins(origins: Origins | undefined): CheckedOrigins {
  if (origins === undefined || origins === "*" || typeof origins === "function") return origins;
  if (!Array.isArray(origins)) {
    const given = typeof origins === "string" ? ` "${origins}"` : "";
    const is = given === "" ? `, and is ${kindOf(origins)}` : "";
    throw new TypeError(`Cannot use origins${given}: it must be "*", a list or a function${is}`);
  }
  return new Set(origins.map((entry: unknown) => {
    const origin = typeof entry === "string" ? normalise(entry) : undefined;
    if (origin !== undefined && !/^wss?:/.test(origin)) return origin; // a page's is never ws:
    const given = typeof entry === "string" ? `origin "${entry}"` : `${kindOf(entry)} as an origin`;
    throw new TypeError(
      `Cannot allow ${given}: it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
    );
  }));
}

/**
 * Reports whether an origin is the server's own, by the host and port in the client's request.
 *
 * The scheme is compared if it is known. If not, behind a proxy that terminates TLS and is not
 * trusted to report it, both `http:` and `https:` pages of the host may connect, as with most
 * servers that check at all (Go's gorilla/websocket and coder/websocket never compare the scheme).
 * By RFC 6454 they are two origins, and an attacker who can forge the `http:` pages of a host in
 * somebody's network profits from that; but refusing all `https:` pages instead would refuse nearly
 * all that is deployed.
 */
function isOwn(origin: string, { scheme, host }: Site): boolean {
  if (!/^https?:/.test(origin)) return false; // after an app's own scheme, any host may follow
  const page = new URL(origin);
  if (scheme !== undefined && page.protocol !== `${scheme}:`) return false;
  return page.host === new URL(`${page.protocol}//${host}`).host;
}

/**
 * Checks the origin of a handshake. A client that sends no `Origin` header is not a browser, and
 * may connect: it could send any origin, so a check would gain nothing.
 *
 * @param site Scheme and host of the server, as the client knows them; the host is well-formed.
 * @throws {UpgradeError} 403 if the origin may not connect.
 * @throws {TypeError} If a user's function does not return `true` or `false`. A promise would count
 * as `true`, whatever it resolves to.
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
    !(typeof origins === "function" ? callOrigins(origins, origin, request) : origins.has(origin))
  ) {
    refuse(`not allowed: ${remedy}`);
  }
}

/** Calls a user's function, and checks what it returns. */
function callOrigins(
  origins: (origin: string, request: Request) => unknown,
  origin: string,
  request: Request,
): boolean {
  const answer = origins(origin, request);
  if (typeof answer === "boolean") return answer;
  Promise.resolve(answer).catch(ignore); // an unhandled rejection would end the process
  const given = answer instanceof Promise ? "a promise" : typeof answer;
  throw new TypeError(
    `Cannot tell if an origin is allowed by ${given}: the function origins must return true or false`,
  );
}

function ignore(): void {}
