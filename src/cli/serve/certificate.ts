/** Certificate of `serve --tls`. @module */

import { spawnSync } from "node:child_process";
import type { TlsOptions } from "../../server/listening.ts";
import type { Values } from "../shared/command_line.ts";
import { PASSPHRASE_OPTION, readIdentity } from "../shared/private_key.ts";

/** The options for TLS. */
export const TLS_OPTIONS = {
  tls: { type: "boolean" },
  cert: { type: "string" },
  key: { type: "string" },
  ...PASSPHRASE_OPTION,
} as const;

/** A certificate with its private key. */
export interface Certificate {
  /** Options for `serve()`. */
  readonly tls: TlsOptions;
  /** Whether it was made for this run, and so is not trusted. */
  readonly isMade: boolean;
}

/** Arguments for openssl to print a self-signed certificate and its key. */
const OPENSSL_ARGS = [
  ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30".split(" "),
  ..."-subj /CN=localhost -keyout - -out -".split(" "),
  ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1".split(" "),
];

const MKCERT = "mkcert -cert-file cert.pem -key-file key.pem localhost 127.0.0.1";

/**
 * Reads or makes the certificate.
 *
 * @returns The certificate; `undefined` if the options ask for none.
 * @throws {UsageError} If its files cannot be read.
 * @throws {Error} If it cannot be made.
 */
export async function readCertificate(
  { tls, cert, key, passphrase }: Values<typeof TLS_OPTIONS>,
  usage: string,
): Promise<Certificate | undefined> {
  const identity = await readIdentity(cert, key, passphrase, usage);
  if (identity !== undefined) return { tls: identity, isMade: false };
  return tls ? { tls: make(), isMade: true } : undefined;
}

function make(): TlsOptions {
  const { stdout, status } = spawnSync("openssl", OPENSSL_ARGS, { encoding: "utf8" });
  const part = (name: string): string | undefined =>
    new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\\n`).exec(stdout)?.[0];
  const [key, cert] = status === 0 ? [part("(?:EC )?PRIVATE KEY"), part("CERTIFICATE")] : [];
  if (key !== undefined && cert !== undefined) return { key, cert };
  throw new Error(
    `Cannot make a certificate: openssl does not run here. Make one by\n  ${MKCERT}\n` +
      "and add --cert cert.pem --key key.pem",
  );
}
