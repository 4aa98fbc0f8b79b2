/** The address options of `Deno.serve`. @module */

import { type Pem, unsupported, type Where } from "../../server/listening.ts";

/** The part of the `Deno` namespace that is used here. */
declare const Deno: { readonly build: { readonly os: string } };

/**
 * Returns the options of `Deno.serve` that say where to listen.
 *
 * @throws {DOMException} `NotSupportedError` for what Deno's own server cannot do.
 */
export async function serveOptionsFor(
  { port, hostname, reusePort, unix, tls }: Where,
): Promise<object> {
  if (unix !== undefined) {
    if (tls === undefined) return { path: unix };
    throw unsupported("unix and tls", "Deno's own server does not use the certificate there");
  }
  if (reusePort && Deno.build.os === "windows") {
    throw unsupported("reusePort", "Windows does not have it");
  }
  if (reusePort && !("listenDatagram" in Deno)) { // Deno would end the process
    throw unsupported("reusePort", "Deno's own server does so only with the flag --unstable-net");
  }
  return { port, hostname, reusePort, ...(tls && await decrypted(tls)) };
}

/** Decrypts the key: Deno takes no passphrase for one, but can read the key with it. */
async function decrypted({ key, cert, passphrase }: Pem): Promise<Pem> {
  if (passphrase === undefined) return { key, cert };
  const { createPrivateKey } = await import("node:crypto");
  const plain = createPrivateKey({ key, passphrase }).export({ type: "pkcs8", format: "pem" });
  return { key: plain.toString(), cert };
}
