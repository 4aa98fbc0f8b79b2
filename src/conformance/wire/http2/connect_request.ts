/**
 * The opening handshake over HTTP/2: an extended CONNECT (RFC 8441, 4 and 5), and its answer.
 *
 * @module
 */

import { changedFields, type Headers, type RequestValues } from "../handshake.ts";
import type { Head } from "../head.ts";
import { statusOf, valueOf } from "../head.ts";
import type { Field } from "./hpack.ts";

/** Values of a correct request. */
export interface ConnectValues extends Omit<RequestValues, "key"> {
  /** The scheme of the address: `http` for `ws:`, `https` for `wss:`. */
  readonly scheme: string;
}

/**
 * Returns the fields of an extended CONNECT, correct except for the changes of a case. A new
 * pseudo-header, whose name begins with a colon, goes in front.
 */
export function connectFields(changes: Headers, values: ConnectValues): Field[] {
  const { scheme, target, host, offer, headers } = values;
  const base: Field[] = [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", scheme],
    [":path", target],
    [":authority", host],
    ["user-agent", "isosocket-judge"],
    ["sec-websocket-version", "13"],
  ];
  if (offer) base.push(["sec-websocket-extensions", offer]);
  const fields = changedFields(base, { ...headers, ...changes })
    .map(([name, value]): Field => [name.toLowerCase(), value.replaceAll("{host}", host)]);
  const isPseudo = ([name]: Field): boolean => name.startsWith(":");
  return [...fields.filter(isPseudo), ...fields.filter((field) => !isPseudo(field))];
}

/** Names that are no part of HTTP/2 (RFC 9113, 8.2.2). */
const CONNECTION_FIELDS = ["connection", "upgrade", "keep-alive", "transfer-encoding"];

/** Returns what is wrong with an answer that opens the WebSocket; empty if it is correct. */
export function flawsOfAnswer(head: Head, offered: readonly string[]): string[] {
  const flaws: string[] = [];
  if (statusOf(head) === 101) flaws.push("The status is 101, which HTTP/2 does not have");
  for (const name of CONNECTION_FIELDS) {
    if (head.headers.has(name)) {
      flaws.push(`${name} is ${JSON.stringify(valueOf(head, name))}, which HTTP/2 does not have`);
    }
  }
  const protocols = head.headers.get("sec-websocket-protocol") ?? [];
  if (protocols.length > 1 || (protocols.length === 1 && !offered.includes(protocols[0]!))) {
    flaws.push(`Subprotocol ${JSON.stringify(protocols.join(", "))} was not offered`);
  }
  return flaws;
}
