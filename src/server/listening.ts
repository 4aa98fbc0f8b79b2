/** Address that a server listens on: options, their checks, and the error texts of a failure. @module */

import { checkNumber, kindOf } from "../core/checks.ts";
import { utf8Length } from "../core/close_code.ts";
import type { UpgradeContext } from "./handler.ts";

/** Private key and certificate of a server. */
export interface TlsOptions {
  /** Private key, in PEM. */
  key: string | Uint8Array;
  /** Certificate, in PEM, followed by the intermediate certificates. */
  cert: string | Uint8Array;
  /**
   * Passphrase of an encrypted key.
   *
   * @default {undefined}
   */
  passphrase?: string;
}

/**
 * Options for where a server listens: on a port, or on the path of a unix socket.
 *
 * @example A unix socket
 * ```ts
 * import { serve } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 * import { mkdtemp, rmdir } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "app-"));
 * const unix = join(folder, "app.sock");
 * const server = await serve({ unix }, () => new Response("Hello"));
 * assert.equal(server.unix, unix);
 * await server.close(); // which removes the file
 * await rmdir(folder);
 * ```
 */
export interface ListenOptions {
  /**
   * Port; 0 for any free port.
   *
   * @default {8080}
   */
  port?: number;
  /**
   * Address to listen on, or a name that resolves to it. By default, the server listens on all IPv4
   * addresses of the machine, so others in its networks reach it, too: `"127.0.0.1"` is for this machine
   * alone. `"::"` stands for all IPv6 addresses, and on most systems for all IPv4 addresses too.
   *
   * @default {"0.0.0.0"}
   */
  hostname?: string;
  /**
   * Path of a unix socket, instead of a port: up to 107 bytes of UTF-8. The file is created, and
   * removed by `close()`. A file that a killed process has left is replaced; one on which a process
   * listens is not.
   *
   * Deno needs the permissions to read and write the file.
   *
   * @default {undefined}
   */
  unix?: string;
  /**
   * Whether other processes that set it too may listen on the same port. The system distributes
   * connections among them: evenly on Linux.
   *
   * Supported by Node from 22.12 on, and by Bun on Linux.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * Private key and certificate. With them, the server serves `https:` and `wss:` only. Client
   * certificates are not requested.
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

/** Names of {@linkcode ListenOptions}. */
export const LISTEN_OPTIONS: Readonly<Record<keyof ListenOptions, 0>> = {
  port: 0,
  hostname: 0,
  unix: 0,
  reusePort: 0,
  tls: 0,
};

/** {@linkcode TlsOptions}, checked, in the form that all runtimes accept. */
export interface Pem {
  /** Private key. */
  readonly key: string;
  /** Certificate, followed by the intermediate certificates. */
  readonly cert: string;
  /** Passphrase of an encrypted key. */
  readonly passphrase?: string;
}

/** {@linkcode ListenOptions}, checked. */
export interface Where {
  /** Port; 0 for any free port. */
  readonly port: number;
  /** Address, or a name that resolves to it. */
  readonly hostname: string;
  /** Whether other processes may listen on the same port. */
  readonly reusePort: boolean;
  /** Path of a unix socket; if set, the properties above have no meaning. */
  readonly unix: string | undefined;
  /** Private key and certificate; `undefined` for a server without TLS. */
  readonly tls: Pem | undefined;
}

/** A runtime's HTTP server that listens. */
export interface Listening {
  /** Port; 0 for a unix socket. */
  readonly port: number;
  /** Stops listening. Resolves when all pending requests are answered. */
  stop(): Promise<unknown>;
  /** Drops the remaining connections, so that `stop()` resolves at once. */
  drop(): void;
}

/**
 * Starts a runtime's HTTP server.
 *
 * @throws {DOMException} `NotSupportedError` if the runtime does not support an option, before it
 * listens.
 */
export type Listen = (where: Where, context: UpgradeContext) => Promise<Listening>;

/**
 * Checks the options for where a server listens, and adds their defaults.
 *
 * @throws {RangeError} If the port is out of its range, or the path is too long.
 * @throws {TypeError} If the port is no number, or another option is invalid, or cannot be combined with
 * the rest.
 */
export function checkWhere(options: ListenOptions): Where {
  const { port = 8080, hostname = "0.0.0.0", unix, reusePort = false } = options;
  checkNumber("listen on port", port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Cannot listen on port ${port}: it must be between 0 and 65535`);
  }
  if (typeof hostname !== "string" || hostname === "") {
    const is = hostname === "" ? "empty" : kindOf(hostname);
    throw new TypeError(`Cannot listen on hostname: it must be an address or a name, and is ${is}`);
  }
  if (typeof reusePort !== "boolean") {
    throw new TypeError(`Cannot listen with reusePort ${reusePort}: it must be true or false`);
  }
  if (unix !== undefined) checkPath(unix, options);
  const [, bare = hostname] = /^\[(.*)\]$/.exec(hostname) ?? []; // as URL writes an IPv6 address
  return { port, hostname: bare, reusePort, unix, tls: checkTls(options.tls) };
}

/**
 * Maximum number of bytes of a unix socket's path on Linux. Node 22 would truncate a longer one.
 */
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
  // Nobody must believe that client certificates are checked, or old protocols refused.
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

/** Creates the error for an option that a runtime does not support. */
export function unsupported(option: string, why: string): DOMException {
  return new DOMException(`Cannot listen with ${option}: ${why}`, "NotSupportedError");
}

/**
 * Starts a runtime's HTTP server.
 *
 * @param removeAbandoned Removes the file of a unix socket on which no process listens any more,
 * and returns `true` if the path is free now.
 * @throws {DOMException} `NotSupportedError` if the runtime does not support an option.
 * @throws {Error} If it cannot listen: the message says where, and why.
 */
export async function listenAt(
  listen: Listen,
  where: Where,
  context: UpgradeContext,
  removeAbandoned: (path: string) => Promise<boolean>,
): Promise<Listening> {
  const { unix } = where;
  try {
    try {
      return await listen(where, context);
    } catch (error) {
      if (unix === undefined || !isTaken(error) || !await removeAbandoned(unix)) throw error;
      return await listen(where, context);
    }
  } catch (error) {
    throw error instanceof DOMException ? error : explain(error, where);
  }
}

/** Returns the URL of a server. That of a port can be passed to `connect()` and to browsers. */
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

/** Creates the error of a server that cannot listen, with the same text on all runtimes. */
function explain(error: unknown, where: Where): Error {
  const { unix, hostname, port } = where;
  const place = unix ?? authority(hostname, port);
  const { code } = error as { code?: string };
  const why = reason(error, where);
  return Object.assign(new Error(`Cannot listen on ${place}: ${why}`, { cause: error }), { code });
}

/** Codes and texts by which Node, Bun and Deno report a name that does not resolve. */
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
    // libuv reports a missing folder like this, too.
    if (code === "EACCES") return "the folder is missing, or the system does not allow it";
  }
  if (code === "EACCES" || name === "PermissionDenied" || name === "NotCapable") {
    return "the system does not allow it";
  }
  if (tls === undefined || /^E[A-Z]+$/.test(code)) return message;
  return `its key and certificate cannot be used (${message})`;
}
