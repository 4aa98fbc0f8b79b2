/**
 * The headers by which proxies describe a client: `X-Forwarded-For`, `-Proto` and `-Host`.
 *
 * Anybody can send these headers, so they are only meaningful if it is known how many proxies have
 * added to them: each appends one entry. The standard's `Forwarded` (RFC 7239) is not read: few
 * proxies write it, and the others pass on what a client has forged. A server that accepts either
 * of two headers accepts the forged one.
 *
 * @module
 */

import { kindOf } from "../core/checks.ts";
import { isHost } from "./header_grammar.ts";
import type { Site } from "./origin.ts";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const PORT = "(?::\\d{1,5})?";
const IPV4 = new RegExp(`^(${OCTET}(?:\\.${OCTET}){3})${PORT}$`);
/** Distinguishes an IPv6 address from a name and from an IPv4 address; `URL` validates it. */
const IPV6 = new RegExp(`^(?:\\[([\\da-f:.]+)\\]${PORT}|([\\da-f:.]+))$`, "i");
/** Number of characters of the longest address, with brackets and a port. */
const MAX_ADDRESS = "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535".length;
/** IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), in the form that `URL` serializes it to. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/** Captures the host of a URL, with its port if it has one. */
const AUTHORITY = /^[^:]+:\/\/([^/?#]*)/;

/** Scheme of a client's connection, by the value of `X-Forwarded-Proto`. */
const SCHEMES: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"], // sent by some proxies for WebSockets
  ["wss", "https"],
]);

/**
 * Checks the option `trustProxy`.
 *
 * @returns Number of trusted proxies.
 * @throws {TypeError} If it is neither a boolean nor a number.
 * @throws {RangeError} If it is not an integer, or negative.
 */
export function checkProxies(trustProxy: boolean | number): number {
  if (typeof trustProxy === "boolean") return Number(trustProxy);
  if (typeof trustProxy !== "number") {
    throw new TypeError(
      `Cannot use trustProxy: it must be true, false or a number of proxies, and is ${
        kindOf(trustProxy)
      }`,
    );
  }
  if (Number.isSafeInteger(trustProxy) && trustProxy >= 0) return trustProxy;
  throw new RangeError(
    `Cannot use trustProxy ${trustProxy}: it must be a whole number of proxies, 0 or more`,
  );
}

/**
 * Returns the IP address of the client.
 *
 * @param own Address of the peer of the connection.
 * @returns The address reported by the outermost trusted proxy; `own` if that is not an address.
 */
export function addressOf(
  headers: Headers,
  proxies: number,
  own: string | undefined,
): string | undefined {
  if (proxies === 0) return own;
  const entries = (headers.get("x-forwarded-for") ?? "").split(",");
  return readAddress((entries.at(-proxies) ?? "").trim()) ?? own;
}

/** Reads an IP address, with or without a port, and returns its canonical form. */
function readAddress(text: string): string | undefined {
  if (text.length > MAX_ADDRESS) return undefined;
  const ipv4 = IPV4.exec(text)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const found = IPV6.exec(text);
  const bare = found?.[1] ?? found?.[2];
  if (bare === undefined || !URL.canParse(`http://[${bare}]`)) return undefined;
  const ipv6 = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(ipv6);
  if (mapped === null) return ipv6;
  return mapped.slice(1).map((half) => parseInt(half, 16)).map((it) => `${it >> 8}.${it & 255}`)
    .join(".");
}

/**
 * Returns the entry of the outermost trusted proxy. Unlike addresses, scheme and host are mostly
 * passed on by the inner proxies, not appended to: so the only entry may be that of the outermost
 * one.
 */
function outermost(headers: Headers, name: string, proxies: number): string {
  const entries = (headers.get(name) ?? "").split(",");
  return entries[Math.max(0, entries.length - proxies)]!.trim();
}

/**
 * Returns the server's scheme and host as the client of a handshake knows them.
 *
 * @param request A request whose URL is well-formed and is that of its head: see `readTarget`.
 */
export function siteOf(request: Request, proxies: number): Site {
  const { headers, url } = request;
  const host = AUTHORITY.exec(url)![1]!; // not the Host header: a target may override it
  // The peer of a TLS connection knows the server by https:, unless the peer is a proxy.
  if (proxies === 0) return { scheme: url.startsWith("https:") ? "https" : undefined, host };
  const scheme = SCHEMES.get(outermost(headers, "x-forwarded-proto", proxies).toLowerCase());
  const forwarded = outermost(headers, "x-forwarded-host", proxies);
  return { scheme, host: isHost(forwarded) ? forwarded : host };
}

/**
 * Returns the URL that the client of a handshake has requested, with the scheme `ws:` or `wss:`.
 */
export function urlOf({ url }: Request, { scheme, host }: Site, proxies: number): string {
  const own = url.replace(/^http/, "ws");
  if (proxies === 0) return own;
  return own.replace(
    /^([^:]+):\/\/[^/?#]*/,
    (_, ws: string) => `${scheme === undefined ? ws : scheme.replace("http", "ws")}://${host}`,
  );
}
