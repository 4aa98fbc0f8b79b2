/** Options that no page has. @module */

import type { ReconnectOptions } from "../client/reconnect/reconnect.ts";

/** Options that only the main entry point has. */
interface CarrierOptions {
  engine?: unknown;
  tls?: unknown;
  compression?: unknown;
}

/**
 * Refuses what browsers do not do for a program: to send headers, and to choose an engine, certificates
 * or compression.
 *
 * @throws {DOMException} `NotSupportedError` if an option asks for it.
 */
export function refuse(
  { headers, engine, tls, compression }: Pick<ReconnectOptions, "headers"> & CarrierOptions,
): void {
  const choice = engine === "tcp" || (tls ?? compression) !== undefined;
  if (choice || typeof headers !== "function" && [...new Headers(headers)].length > 0) {
    throw new DOMException(
      "Cannot choose headers, engine, tls or compression here",
      "NotSupportedError",
    );
  }
}
