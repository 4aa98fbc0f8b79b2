/** Where a server listens: the options, checked, and in words why it cannot. @module */

import { utf8Length } from "../core/close_code.ts";
import { removeAbandoned } from "./socket_file.ts";
import type { UpgradeContext } from "./handler.ts";

/** What a server shows to prove who it is. */
export interface TlsOptions {
  /** The private key, in PEM. */
  key: string | Uint8Array;
  /** The certificate, in PEM; behind it those that lead from it to one that clients trust. */
  cert: string | Uint8Array;
  /**
   * What the key is encrypted with.
   *
   * @default {undefined}
   */
  passphrase?: string;
}

/**
 * Where a server listens: at a port, or at the path of a unix socket.
 *
 * @example A unix socket
 * ```ts
 * import { serve } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 * import { mkdtemp, rmdir } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "app-"));
 * const unix = join(folder, "app.sock");
 * const server = await serve({ unix }, () => new Response("Hello"));
 * assertEquals(server.unix, unix);
 * await server.close(); // which removes the file
 * await rmdir(folder);
 * ```
 */
export interface ListenOptions {
  /**
   * The port; 0 for any that is free.
   *
   * @default {8080}
   */
  port?: number;
  /**
   * The address to listen on, or a name of it. `"0.0.0.0"` is all of IPv4; `"::"` is all of IPv6, and
   * on most systems of IPv4 too.
   *
   * @default {"0.0.0.0"}
   */
  hostname?: string;
  /**
   * The path of a unix socket, instead of a port: up to 107 bytes of UTF-8. The file is made, and removed by `close()`. One that
   * a process left behind is replaced; one where somebody answers is not.
   *
   * Deno needs its permissions to read and write there.
   *
   * @default {undefined}
   */
  unix?: string;
  /**
   * Whether other processes that ask for it too may listen on the same port. Connections are spread
   * among them by the system: evenly on Linux.
   *
   * Node can do it from 22.12 on, and Bun on Linux.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * A certificate: then the server speaks `https:` and `wss:`, and nothing else. Client certificates
   * are not asked for.
   *
   * ```ts ignore
   * import { readFile } from "node:fs/promises";
   *
   * const tls = { key: await readFile("key.pem"), cert: await readFile("chain.pem") };
   * const server = await serve({ port: 443, tls }, handler);
   * ```
   *
   * @default {undefined}
   */
  tls?: TlsOptions;
}

/** A certificate as all runtimes take it. */
export interface Pem {
  /** The private key. */
  readonly key: string;
  /** The certificate, and what leads from it to one that clients trust. */
  readonly cert: string;
  /** What the key is encrypted with. */
  readonly passphrase?: string;
}

/** Where a server listens, checked. */
export interface Where {
  /** The port; 0 for any. */
  readonly port: number;
  /** The address, or a name of it. */
  readonly hostname: string;
  /** Whether others may listen there too. */
  readonly reusePort: boolean;
  /** The path of a unix socket: then what stands above means nothing. */
  readonly unix: string | undefined;
  /** The certificate, for a server that has one. */
  readonly tls: Pem | undefined;
}

/** A runtime's HTTP server at work. */
export interface Listening {
  /** The port; 0 for a unix socket. */
  readonly port: number;
  /** Stops listening. Resolves when the requests under way are answered. */
  stop(): Promise<unknown>;
  /** Drops what is left: then `stop()` resolves at once. */
  drop(): void;
}

/**
 * Starts a runtime's HTTP server.
 *
 * @throws {DOMException} `NotSupportedError` for what the runtime cannot do, before it listens.
 */
export type Listen = (where: Where, answering: UpgradeContext) => Promise<Listening>;

/**
 * Checks where a server is to listen.
 *
 * @throws {RangeError} If the port is none, or the path too long.
 * @throws {TypeError} If another option is none of what it can be, or does not go with the rest.
 */
export function checkWhere(options: ListenOptions): Where {
  const { port = 8080, hostname = "0.0.0.0", unix, reusePort = false } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Cannot listen on port ${port}: it must be between 0 and 65535`);
  }
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(`Cannot listen on hostname "${hostname}": it must be an address or a name`);
  }
  if (typeof reusePort !== "boolean") {
    throw new TypeError(`Cannot listen with reusePort ${reusePort}: it must be true or false`);
  }
  if (unix !== undefined) checkPath(unix, options);
  const [, bare = hostname] = /^\[(.*)\]$/.exec(hostname) ?? []; // as URL writes an IPv6 address
  return { port, hostname: bare, reusePort, unix, tls: checkTls(options.tls) };
}

/** Bytes that the path of a unix socket may have on Linux. Node 22 would cut it off there. */
const MAX_PATH = 107;

function checkPath(path: unknown, options: ListenOptions): void {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new TypeError(`Cannot listen on unix ${JSON.stringify(path)}: it must be a path`);
  }
  if (utf8Length(path) > MAX_PATH) {
    throw new RangeError(`Cannot listen on unix "${path}": it must have at most ${MAX_PATH} bytes`);
  }
  for (const name of ["port", "hostname", "reusePort"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(
      `Cannot listen on unix "${path}" with ${name}: it must be one or the other`,
    );
  }
}

const TLS_NAMES = ["key", "cert", "passphrase"];

function checkTls(tls: TlsOptions | undefined): Pem | undefined {
  if (tls === undefined) return undefined;
  if (typeof tls !== "object" || tls === null) {
    throw new TypeError(`Cannot use tls ${tls}: it must be an object with key and cert`);
  }
  // Nobody is to believe that client certificates are checked, or old protocols refused.
  const unknown = Object.keys(tls).find((name) => !TLS_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot use tls.${unknown}: it must be key, cert or passphrase`);
  }
  const { passphrase } = tls;
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw new TypeError("Cannot use tls.passphrase: it must be a string");
  }
  const pem = { key: readPem("key", tls.key), cert: readPem("cert", tls.cert) };
  return passphrase === undefined ? pem : { ...pem, passphrase };
}

function readPem(name: string, value: unknown): string {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
  if (typeof text === "string" && text.includes("-----BEGIN ")) return text;
  throw new TypeError(`Cannot use tls.${name}: it must be PEM, the content of the file`);
}

/** What a runtime throws for an option that it does not have. */
export function unsupported(option: string, why: string): DOMException {
  return new DOMException(`Cannot listen with ${option}: ${why}`, "NotSupportedError");
}

/**
 * Starts a runtime's HTTP server.
 *
 * @throws {DOMException} `NotSupportedError` for what the runtime cannot do.
 * @throws {Error} If it cannot listen: the message says where, and why.
 */
export async function listenAt(
  listen: Listen,
  where: Where,
  answering: UpgradeContext,
): Promise<Listening> {
  const { unix } = where;
  try {
    try {
      return await listen(where, answering);
    } catch (error) {
      if (unix === undefined || !isTaken(error) || !await removeAbandoned(unix)) throw error;
      return await listen(where, answering);
    }
  } catch (error) {
    throw error instanceof DOMException ? error : explain(error, where);
  }
}

/** What `connect()` and browsers take, where that can be said. */
export function serverUrl({ hostname, unix, tls }: Where, port: number): string {
  const scheme = tls === undefined ? "http" : "https";
  if (unix !== undefined) return `${scheme}+unix://${encodeURIComponent(unix)}/`;
  const reachable = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname;
  return `${scheme}://${authority(reachable, port)}/`;
}

function authority(hostname: string, port: number): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function isTaken(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return code === "EADDRINUSE" || name === "AddrInUse";
}

/** Says in words why a server cannot listen, whatever the runtime calls it. */
function explain(error: unknown, where: Where): Error {
  const { unix, hostname, port } = where;
  const place = unix ?? authority(hostname, port);
  const { code } = error as { code?: string };
  const why = reason(error, where);
  return Object.assign(new Error(`Cannot listen on ${place}: ${why}`, { cause: error }), { code });
}

/** Of these, Node, Bun and Deno each use some for the same. */
const UNKNOWN_NAME = /^(?:ENOTFOUND|EAI_AGAIN|EAGAIN)$|failed to lookup address/;

function reason(error: unknown, { unix, tls }: Where): string {
  const { code = "", name, message } = error as { code?: string; name?: string; message: string };
  if (isTaken(error)) return `the ${unix === undefined ? "port" : "path"} is in use`;
  if (code === "EADDRNOTAVAIL" || name === "AddrNotAvailable") {
    return "this machine has no such address";
  }
  if (unix === undefined) {
    if (UNKNOWN_NAME.test(code) || UNKNOWN_NAME.test(message)) return "there is no such name";
  } else {
    if (code === "ENOENT") return "there is no such folder";
    if (code === "ENAMETOOLONG" || code === "EINVAL") return "the path is too long";
    // libuv says it for a folder that is missing, too.
    if (code === "EACCES") return "the folder is missing, or the system does not allow it";
  }
  if (code === "EACCES" || name === "PermissionDenied" || name === "NotCapable") {
    return "the system does not allow it";
  }
  if (tls === undefined || /^E[A-Z]+$/.test(code)) return message;
  return `its key and certificate cannot be used (${message})`;
}
