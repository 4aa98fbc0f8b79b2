/**
 * What proxies in front of a server say of its clients: `X-Forwarded-For`, `-Proto` and `-Host`.
 *
 * Anybody can send these headers, so they mean something only if it is known how many proxies have
 * added to them: each adds one entry at the right. The standard's `Forwarded` (RFC 7239) is not
 * read. Few proxies write it, and those that do not pass on what a client made up: who believes
 * either of two headers believes the forged one.
 *
 * @module
 */

import { isHost } from "./header_grammar.ts";
import type { Site } from "./origin.ts";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const PORT = "(?::\\d{1,5})?";
const IPV4 = new RegExp(`^(${OCTET}(?:\\.${OCTET}){3})${PORT}$`);
/** `URL` decides if it is one: here it is only told from a name, and from an IPv4 address. */
const IPV6 = new RegExp(`^(?:\\[([\\da-f:.]+)\\]${PORT}|([\\da-f:.]+))$`, "i");
/** Characters of the longest address, with brackets and a port. */
const MAX_ADDRESS = "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535".length;
/** An IPv4 address as IPv6 writes it (RFC 4291, 2.5.5.2), in the form that `URL` gives it. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/** The host, and perhaps the port, of a URL. */
const AUTHORITY = /^[^:]+:\/\/([^/?#]*)/;

const SCHEMES: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"], // for WebSockets, some proxies say these
  ["wss", "https"],
]);

/**
 * Checks how many proxies are trusted.
 *
 * @throws {TypeError} If it is no boolean and no number.
 * @throws {RangeError} If it is no whole number, or negative.
 */
export function checkProxies(trustProxy: boolean | number): number {
  if (typeof trustProxy === "boolean") return Number(trustProxy);
  if (typeof trustProxy !== "number") {
    throw new TypeError(
      `Cannot use trustProxy of type ${typeof trustProxy}: it must be true, false or a number of proxies`,
    );
  }
  if (Number.isSafeInteger(trustProxy) && trustProxy >= 0) return trustProxy;
  throw new RangeError(
    `Cannot use trustProxy ${trustProxy}: it must be a whole number of proxies, 0 or more`,
  );
}

/**
 * The address of the client.
 *
 * @param own The address of whoever has connected.
 * @returns What the outermost trusted proxy says; `own` if that is no address.
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

/** Reads an IP address, perhaps with a port, in the one way to write it. */
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
 * The entry of the outermost trusted proxy. Unlike addresses, scheme and host are mostly handed on
 * by the inner proxies, not added to: so the only entry may well be the outermost one's.
 */
function outermost(headers: Headers, name: string, proxies: number): string {
  const entries = (headers.get(name) ?? "").split(",");
  return entries[Math.max(0, entries.length - proxies)]!.trim();
}

/**
 * How the client of a handshake knows the server.
 *
 * @param request Its URL is what its head says, and well-formed.
 */
export function siteOf(request: Request, proxies: number): Site {
  const { headers, url } = request;
  const host = AUTHORITY.exec(url)![1]!; // not the Host header: a target may name another one
  // Who has reached this server over TLS knows it by https:, unless that was a proxy.
  if (proxies === 0) return { scheme: url.startsWith("https:") ? "https" : undefined, host };
  const scheme = SCHEMES.get(outermost(headers, "x-forwarded-proto", proxies).toLowerCase());
  const forwarded = outermost(headers, "x-forwarded-host", proxies);
  return { scheme, host: isHost(forwarded) ? forwarded : host };
}

/** The URL that the client of a handshake has asked for, with the scheme `ws:` or `wss:`. */
export function urlOf({ url }: Request, { scheme, host }: Site, proxies: number): string {
  const own = url.replace(/^http/, "ws");
  if (proxies === 0) return own;
  return own.replace(
    /^([^:]+):\/\/[^/?#]*/,
    (_, ws: string) => `${scheme === undefined ? ws : scheme.replace("http", "ws")}://${host}`,
  );
}
