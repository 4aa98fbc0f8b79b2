/** The handshake with a server that is judged: headers, subprotocols and certificates. @module */

import { readAddress } from "../../conformance/judge_server.ts";
import type { RunOptions } from "../../conformance/run_options.ts";
import { UsageError, type Values } from "../shared/command_line.ts";
import { readHeaders, readTls, type TARGET_OPTIONS } from "../shared/target.ts";

/**
 * Reads the options for the handshake with a server.
 *
 * @param target Its address.
 * @throws {UsageError} If one is invalid, or a file cannot be read.
 */
export async function readHandshake(
  target: string,
  values: Values<typeof TARGET_OPTIONS>,
  usage: string,
): Promise<Pick<RunOptions, "headers" | "insecure" | "tls">> {
  const headers = readHeaders(values.header ?? [], values.origin, usage)
    .map(([name, value]) => [name === "origin" ? "Origin" : name, value] as const);
  const protocols = (values.protocol ?? []).join(", ");
  const tls = await readTls(values, usage);
  if (tls !== undefined && readAddress(target).url.protocol === "ws:") {
    const address = readAddress(target).url.href;
    throw new UsageError(`Cannot check certificates of ${address}: only wss: has them`, usage);
  }
  const { ca, cert, key } = tls ?? {};
  return {
    headers: {
      ...collected(headers),
      ...(protocols !== "" && { "Sec-WebSocket-Protocol": protocols }),
    },
    insecure: values.insecure ?? false,
    tls: {
      ...(ca !== undefined && { ca: `${ca}` }),
      ...(cert !== undefined && { cert: `${cert}` }),
      ...(key !== undefined && { key: `${key}` }),
    },
  };
}

/** Collects the values of headers that come several times. */
function collected(headers: readonly (readonly [string, string])[]): Record<string, string[]> {
  const found: Record<string, string[]> = Object.create(null);
  for (const [name, value] of headers) found[name] = [...found[name] ?? [], value];
  return found;
}
