/** Reads private keys that a passphrase protects, and checks certificates before anything is begun. @module */

import { createPrivateKey, X509Certificate } from "node:crypto";
import process from "node:process";
import { askSecret } from "./ask_secret.ts";
import { UsageError } from "./command_line.ts";
import { readText } from "./file.ts";

/** The option for the passphrase. */
export const PASSPHRASE_OPTION = { passphrase: { type: "string" } } as const;

/** Text of `--help` for it. */
export const PASSPHRASE_HELP = `\
      --passphrase <from>  of that key, if it is encrypted: env:NAME or
                           file:PATH; without it, a terminal is asked
`;

const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** A certificate and its key, in PEM. The key is not encrypted any more. */
export interface Identity {
  /** Certificate, and those that lead to its authority. */
  readonly cert: string;
  /** Private key. */
  readonly key: string;
}

/**
 * Reads the files of `--cert` and `--key`.
 *
 * @param from Value of `--passphrase`.
 * @returns Both; `undefined` if neither is given.
 * @throws {UsageError} If one is missing, or cannot be read or used.
 */
export async function readIdentity(
  cert: string | undefined,
  key: string | undefined,
  from: string | undefined,
  usage: string,
): Promise<Identity | undefined> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("Cannot use --cert or --key alone: each needs the other", usage);
  }
  if (cert === undefined || key === undefined) {
    if (from === undefined) return undefined;
    throw new UsageError("Cannot use --passphrase alone: it is that of --key", usage);
  }
  const read = await readCertificates("--cert", cert, usage);
  const plain = await readKey(key, from, usage);
  if (!new X509Certificate(read).checkPrivateKey(createPrivateKey(plain))) {
    throw new UsageError(`Cannot use --key ${key}: it is not that of --cert ${cert}`, usage);
  }
  return { cert: read, key: plain };
}

/**
 * Reads a file of certificates.
 *
 * @throws {UsageError} If there are none in it.
 */
export async function readCertificates(
  option: string,
  path: string,
  usage: string,
): Promise<string> {
  const text = await readText(option, path, usage);
  try {
    new X509Certificate(text);
    return text;
  } catch {
    throw new UsageError(`Cannot use ${option} ${path}: it has no certificate in PEM`, usage);
  }
}

async function readKey(path: string, from: string | undefined, usage: string): Promise<string> {
  const text = await readText("--key", path, usage);
  const isEncrypted = ENCRYPTED.test(text);
  if (from !== undefined) checkSource(from, usage);
  const passphrase = isEncrypted ? await readPassphrase(path, from, usage) : undefined;
  try {
    const key = createPrivateKey({ key: text, ...(isEncrypted && { passphrase }) });
    return isEncrypted ? key.export({ type: "pkcs8", format: "pem" }) as string : text;
  } catch {
    const why = isEncrypted ? "the passphrase is wrong" : "it has no private key in PEM";
    throw new UsageError(`Cannot use --key ${path}: ${why}`, usage);
  }
}

/** Reads a passphrase from where it is: never from an argument, which all users of a machine can read. */
async function readPassphrase(
  path: string,
  from: string | undefined,
  usage: string,
): Promise<string> {
  if (from === undefined) {
    const typed = await askSecret(`Passphrase of ${path}: `);
    if (typed !== undefined) return typed;
    const why = "it is encrypted, and --passphrase does not say where its passphrase is";
    throw new UsageError(`Cannot use --key ${path}: ${why} (env:NAME or file:PATH)`, usage);
  }
  const [kind, where] = checkSource(from, usage);
  if (kind === "file") {
    return (await readText("--passphrase", where, usage)).split(/\r?\n/, 1)[0]!;
  }
  const value = process.env[where];
  if (value !== undefined) return value;
  throw new UsageError(`Cannot use --passphrase ${from}: there is no such variable`, usage);
}

/** Splits where a passphrase is. One that stands there itself is not printed. */
function checkSource(from: string, usage: string): [kind: string, where: string] {
  const [, kind, where] = /^(env|file):(.+)$/s.exec(from) ?? [];
  if (kind !== undefined && where !== undefined) return [kind, where];
  const why = "it must be env:NAME or file:PATH, as others can read arguments";
  throw new UsageError(`Cannot use this --passphrase: ${why}`, usage);
}
