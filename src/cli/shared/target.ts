/** Options that `connect` and `bench` share: the server, and its handshake. @module */

import { readFile } from "node:fs/promises";
import { parseHeaders, parseProtocols, parseUrl } from "../../client/arguments.ts";
import type { ClientTls } from "../../core/dial.ts";
import { isToken } from "../../handshake/header_grammar.ts";
import { UsageError, type Values } from "./command_line.ts";
import { redact } from "../../core/credentials.ts";

/** The options of the target. */
export const TARGET_OPTIONS = {
  protocol: { type: "string", multiple: true },
  header: { type: "string", short: "H", multiple: true },
  origin: { type: "string", short: "o" },
  insecure: { type: "boolean", short: "k" },
  ca: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
} as const;

/** Text of `--help` for them. */
export const TARGET_HELP = `\
      --protocol <name>    a subprotocol to offer, the best first; may be
                           repeated
  -H, --header <n: value>  a header of the handshake; may be repeated
  -o, --origin <origin>    the header Origin, as a page would send it
  -k, --insecure           takes any certificate for the right one
      --ca <file>          the authorities to trust, in PEM
      --cert <file>        the client's own certificate, in PEM,
      --key <file>         and its private key
`;

/** A server to connect to, checked. */
export interface ConnectTarget {
  /** The address, with the scheme `ws:` or `wss:`. */
  readonly url: string;
  /** The subprotocols to offer. */
  readonly protocols: string[];
  /** Additional headers of the handshake. */
  readonly headers: Readonly<Record<string, string>>;
  /** Options for TLS; `undefined` for the runtime's defaults. */
  readonly tls: ClientTls | undefined;
}

/**
 * Parses the target.
 *
 * @param words The positional arguments: the address.
 * @throws {UsageError} If an argument is invalid, or a file cannot be read.
 */
export async function readTarget(
  words: readonly string[],
  values: Values<typeof TARGET_OPTIONS>,
  usage: string,
): Promise<ConnectTarget> {
  const [address] = words;
  if (address === undefined) throw new UsageError("Cannot connect: no address is given", usage);
  const check = <T>(read: () => T, hint = ""): T => {
    try {
      return read();
    } catch (error) {
      const { message } = error as Error;
      throw new UsageError(message + hint, usage);
    }
  };
  const url = check(() => parseUrl(address), schemeHint(address));
  const headers = readHeaders(values.header ?? [], values.origin, usage);
  const tls = await readTls(values, usage);
  if (tls !== undefined && url.startsWith("ws:")) {
    throw new UsageError(`Cannot check certificates of ${redact(url)}: only wss: has them`, usage);
  }
  return {
    url,
    protocols: check(() => parseProtocols((values.protocol ?? []).flatMap(commas))),
    headers: check(() => parseHeaders(headers)) ?? {},
    tls,
  };
}

/** Returns a hint for an address without a scheme: mostly, a local server is meant. */
function schemeHint(address: string): string {
  const host = /^\d+$/.test(address) ? `localhost:${address}` : address;
  const isHost = /^[\w.-]+(?::\d+)?(?:\/\S*)?$|^\[[\da-f:.]+\](?::\d+)?(?:\/\S*)?$/i.test(host);
  return isHost ? `. Did you mean ws://${host}?` : "";
}

function commas(names: string): string[] {
  return names.split(",").map((name) => name.trim());
}

function readHeaders(
  lines: readonly string[],
  origin: string | undefined,
  usage: string,
): [string, string][] {
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    const why = colon < 0 ? "it has no colon" : "its name must be a token";
    if (isToken(line.slice(0, Math.max(colon, 0)))) {
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }
    throw new UsageError(`Cannot use header ${JSON.stringify(line)}: ${why}`, usage);
  });
  return origin === undefined ? headers : [...headers, ["origin", origin]];
}

async function readTls(
  { insecure, ca, cert, key }: Values<typeof TARGET_OPTIONS>,
  usage: string,
): Promise<ClientTls | undefined> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("Cannot use --cert or --key alone: each needs the other", usage);
  }
  if (insecure === undefined && ca === undefined && cert === undefined) return undefined;
  const read = async (option: string, path: string): Promise<string> =>
    await readText(option, path, usage);
  return {
    ...(insecure && { rejectUnauthorized: false }),
    ...(ca !== undefined && { ca: await read("--ca", ca) }),
    ...(cert !== undefined && { cert: await read("--cert", cert) }),
    ...(key !== undefined && { key: await read("--key", key) }),
  };
}

/**
 * Reads a file that an option names.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function readText(option: string, path: string, usage: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read ${option} ${path}: ${fileErrorReason(error)}`, usage);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
};

/** Returns why a file cannot be opened, in words that are the same on all runtimes. */
export function fileErrorReason(error: unknown): string {
  const { code = "", message } = error as Error & { code?: string };
  return REASONS[code] ?? message;
}
