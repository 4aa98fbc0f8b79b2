/** Chooses the proxy of a connection: from `--proxy`, or from the environment, as curl and Go do. @module */

import { BlockList, isIP } from "node:net";
import { redactText } from "../../core/credentials.ts";

/** A proxy. */
export interface Proxy {
  /** Protocol that the client speaks with it. */
  readonly kind: "http" | "https" | "socks5";
  /** Host name or IP address, without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** User and password, decoded; `undefined` for none. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  /** Address for people, without the password. */
  readonly shown: string;
}

/** Ports of proxies without one in their address. */
const PORTS = { http: 80, https: 443, socks5: 1080 } as const;

/**
 * Parses the address of a proxy. Without a scheme, it is one of HTTP.
 *
 * @param source Name of the option or variable that has it.
 * @throws {Error} If it is none: the message says why, without a password.
 */
export function parseProxy(text: string, source: string): Proxy {
  const whole = text.includes("://") ? text : `http://${text}`;
  const refuse = (why: string): Error =>
    new Error(`Cannot use ${source} ${redactText(text)}: ${why}`);
  if (!URL.canParse(whole)) throw refuse("it is not the address of a proxy");
  const { protocol, username, password, hostname, port, pathname } = new URL(whole);
  const kind = protocol === "socks5h:" ? "socks5" : protocol.slice(0, -1);
  if (kind !== "http" && kind !== "https" && kind !== "socks5") {
    throw refuse("the scheme must be http, https or socks5");
  }
  if (hostname === "") throw refuse("it has no host");
  if (pathname !== "" && pathname !== "/") throw refuse("a proxy has no path");
  const has = username + password !== "";
  const shownUser = has ? `${username}${password === "" ? "" : ":***"}@` : "";
  const numbered = port === "" ? PORTS[kind] : Number(port);
  return {
    kind,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: numbered,
    credentials: has ? { user: decode(username), password: decode(password) } : undefined,
    shown: `${kind}://${shownUser}${hostname}:${numbered}`,
  };
}

/** Decodes %XX; text with a lone % is kept. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy that the environment has for an address: `HTTPS_PROXY` for `wss:`, `HTTP_PROXY` for
 * `ws:`, else `ALL_PROXY`, in small letters first. Nothing goes to a proxy that `NO_PROXY` excepts, and
 * nothing of this machine.
 *
 * @throws {Error} If the variable has no address of a proxy.
 */
export function environmentProxy(url: URL, environment: Environment): Proxy | undefined {
  const read = (name: string): [name: string, value: string] | undefined => {
    const found = [name.toLowerCase(), name].find((it) => environment[it]);
    return found === undefined ? undefined : [found, environment[found]!];
  };
  const chosen = read(url.protocol === "wss:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  if (chosen === undefined || isOfThisMachine(url.hostname)) return undefined;
  if (isExcepted(url, read("NO_PROXY")?.[1] ?? "")) return undefined;
  const [name, value] = chosen;
  return parseProxy(value, name);
}

function isOfThisMachine(hostname: string): boolean {
  return /^(?:.*\.)?localhost\.?$|^127(?:\.\d+){3}$|^\[::1\]$/.test(hostname);
}

/**
 * Returns whether a list excepts an address: names, which stand for all below them too; addresses and
 * networks (`10.0.0.0/8`); each perhaps with a port; or `*`.
 */
export function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, "");
  const number = port === "" ? (protocol === "wss:" ? "443" : "80") : port;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const { name, only } = splitPort(entry.toLowerCase());
    if (name === "" || (only !== undefined && only !== number)) return false;
    if (isIP(host) !== 0) return isWithin(host, name);
    const domain = name.replace(/^\*?\./, "").replace(/\.$/, "");
    return host === domain || host.endsWith(`.${domain}`);
  });
}

/** Splits off a port. The address of IPv6 has one only behind brackets. */
function splitPort(entry: string): { name: string; only: string | undefined } {
  const [, v6, v4, only] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { name: v6 ?? v4 ?? entry, only };
}

/** Returns whether an IP address is the one that is named, or of that network. */
function isWithin(host: string, name: string): boolean {
  const [address = "", bits] = name.split("/");
  const family = isIP(address);
  if (family !== isIP(host)) return false;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return false;
  const kind = family === 4 ? "ipv4" : "ipv6";
  const network = new BlockList();
  network.addSubnet(address, prefix, kind);
  return network.check(host, kind);
}
