/** Options that `connect` and `bench` share: the server, and its handshake. @module */

import { parseHeaders, parseProtocols, parseUrl } from "../../client/arguments.ts";
import type { ClientTls } from "../../core/dial.ts";
import { isToken } from "../../handshake/header_grammar.ts";
import { UsageError, type Values } from "./command_line.ts";
import { redact } from "../../core/credentials.ts";
import {
  PASSPHRASE_HELP,
  PASSPHRASE_OPTION,
  readCertificates,
  readIdentity,
} from "./private_key.ts";

/** The options of the target. */
export const TARGET_OPTIONS = {
  protocol: { type: "string", multiple: true },
  header: { type: "string", short: "H", multiple: true },
  origin: { type: "string", short: "o" },
  insecure: { type: "boolean", short: "k" },
  ca: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  ...PASSPHRASE_OPTION,
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
${PASSPHRASE_HELP}`;

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
 * @param words The positional arguments: the address, which may lack `ws://`, as in `127.0.0.1:8080`.
 * @param mayUpgrade Whether an address of `ws:` may lead to one of `wss:`.
 * @throws {UsageError} If an argument is invalid, or a file cannot be read.
 */
export async function readTarget(
  words: readonly string[],
  values: Values<typeof TARGET_OPTIONS>,
  usage: string,
  mayUpgrade = false,
): Promise<ConnectTarget> {
  const [address] = words;
  if (address === undefined || address.trim() === "") {
    throw new UsageError("Cannot connect: no address is given", usage);
  }
  const url = check(() => parseUrl(withScheme(address)), usage);
  const terms = readTerms(values, usage);
  const tls = await readTls(values, usage);
  if (tls !== undefined && url.startsWith("ws:") && !mayUpgrade) {
    throw new UsageError(`Cannot check certificates of ${redact(url)}: only wss: has them`, usage);
  }
  return {
    url,
    ...terms,
    tls,
  };
}

/** Calls a function, whose errors are those of an argument. */
function check<T>(read: () => T, usage: string): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError((error as Error).message, usage);
  }
}

/**
 * Parses what goes into a handshake.
 *
 * @throws {UsageError} If a header or a subprotocol is invalid.
 */
export function readTerms(
  { protocol = [], header = [], origin }: Values<typeof TARGET_OPTIONS>,
  usage: string,
): Pick<ConnectTarget, "protocols" | "headers"> {
  const headers = readHeaders(header, origin, usage);
  return {
    protocols: check(() => parseProtocols(protocol.flatMap(commas)), usage),
    headers: check(() => parseHeaders(headers), usage) ?? {},
  };
}

/** Adds the scheme that an address lacks. A port alone is one of this machine. */
export function withScheme(address: string): string {
  if (address.trim() === "" || /^(?:ws|http)s?:\/|:\/\//i.test(address)) return address;
  return `ws://${
    /^:?\d+(?:\/|$)/.test(address) ? `localhost:${address.replace(":", "")}` : address
  }`;
}

function commas(names: string): string[] {
  return names.split(",").map((name) => name.trim());
}

/**
 * Parses headers, as `name: value`, and adds the origin.
 *
 * @throws {UsageError} If one is invalid.
 */
export function readHeaders(
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

/**
 * Reads the certificates.
 *
 * @returns `undefined` for the runtime's defaults.
 * @throws {UsageError} If a file cannot be read.
 */
export async function readTls(
  { insecure, ca, cert, key, passphrase }: Pick<
    Values<typeof TARGET_OPTIONS>,
    "insecure" | "ca" | "cert" | "key" | "passphrase"
  >,
  usage: string,
): Promise<ClientTls | undefined> {
  const identity = await readIdentity(cert, key, passphrase, usage);
  if (insecure === undefined && ca === undefined && identity === undefined) return undefined;
  return {
    ...(insecure && { rejectUnauthorized: false }),
    ...(ca !== undefined && { ca: await readCertificates("--ca", ca, usage) }),
    ...identity,
  };
}
