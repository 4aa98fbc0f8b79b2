/** Asks a proxy for a tunnel: by CONNECT of HTTP (RFC 9110, 9.3.6), or by SOCKS5 (RFC 1928, 1929). @module */

import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Proxy } from "./proxy.ts";
import { readUntil } from "./read_until.ts";

/**
 * Asks for a tunnel to a host, over a stream to the proxy.
 *
 * @param host Host name or IP address, without brackets. The proxy looks it up.
 * @throws {Error} If there is none: the message is the rest of a sentence about the proxy.
 */
export async function askForTunnel(
  stream: Socket,
  proxy: Proxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const ask = proxy.kind === "socks5" ? askSocks : askHttp;
  await ask(stream, proxy, host, port, signal);
}

async function askHttp(
  stream: Socket,
  { credentials }: Proxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (credentials !== undefined) {
    const { user, password } = credentials;
    const basic = Buffer.from(`${user}:${password}`).toString("base64");
    lines.push(`Proxy-Authorization: Basic ${basic}`);
  }
  stream.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  for (;;) {
    const head = await readUntil(stream, headLength, signal);
    const status = /^HTTP\/1\.[01] (\d{3})(?:[ \r]|$)/.exec(head.toString("latin1"))?.[1];
    if (status === undefined) throw new Error("does not speak HTTP");
    if (status.startsWith("1")) continue; // 15.2: an interim response
    if (status.startsWith("2")) return;
    const missing = credentials === undefined ? ": it wants a user and a password" : "";
    const hint = status === "407" ? missing || ": the user or the password is wrong" : "";
    throw new Error(`answered ${`${status} ${STATUS_CODES[status] ?? ""}`.trim()}${hint}`);
  }
}

/** Returns the length of a head of HTTP, which ends with an empty line. */
function headLength(bytes: Buffer): number | undefined {
  const isHttp = "HTTP/1.".startsWith(bytes.toString("latin1", 0, 7));
  if (!isHttp) return bytes.length; // no more of it is needed
  const at = bytes.indexOf("\r\n\r\n");
  return at < 0 ? undefined : at + 4;
}

/** Reasons of a SOCKS5 proxy (RFC 1928, 6). */
const SOCKS_REASONS: readonly string[] = [
  "could not connect",
  "could not connect",
  "does not allow that host",
  "has no way to that network",
  "has no way to that host",
  "found nobody who listens there",
  "got no answer in time",
  "makes no connections",
  "does not take such an address",
];

async function askSocks(
  stream: Socket,
  { credentials }: Proxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const read = async (length: (bytes: Buffer) => number): Promise<Buffer> =>
    await readUntil(stream, (bytes) => {
      const whole = length(bytes);
      return bytes.length < whole ? undefined : whole;
    }, signal);
  stream.write(Buffer.from(credentials === undefined ? [5, 1, 0] : [5, 2, 0, 2]));
  const [version, method] = await read(() => 2);
  if (version !== 5) throw new Error("does not speak SOCKS5");
  if (method === 2 && credentials !== undefined) {
    stream.write(
      Buffer.concat([Buffer.from([1]), counted(credentials.user), counted(credentials.password)]),
    );
    const [, status] = await read(() => 2);
    if (status !== 0) throw new Error("does not take that user and password");
  } else if (method !== 0) {
    throw new Error("wants another proof than a user and a password, or one of them");
  }
  stream.write(
    Buffer.concat([Buffer.from([5, 1, 0]), address(host), Buffer.from([port >> 8, port & 255])]),
  );
  // Version, reason, 0, kind of address, address, port.
  const [, reason = 0] = await read((bytes) => {
    const kind = bytes[3];
    return 6 + (kind === 1 ? 4 : kind === 4 ? 16 : 1 + (bytes[4] ?? 0));
  });
  if (reason !== 0) throw new Error(SOCKS_REASONS[reason] ?? "could not connect");
}

/** Returns text with its length before it, in one byte. */
function counted(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Returns an address as SOCKS5 writes it: 4 bytes of IPv4, or a name. */
function address(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIP(host) === 6) return Buffer.concat([Buffer.from([4]), v6(host)]);
  return Buffer.concat([Buffer.from([3]), counted(host)]);
}

/** Returns the 16 bytes of an address of IPv6, as `URL` writes it: in hex, with at most one `::`. */
function v6(host: string): Buffer {
  const [before = [], after = []] = host.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after].map((group) => parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}
