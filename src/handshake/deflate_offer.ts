/** Negotiation of compression by a client (RFC 7692, 5.1 and 7.1). @module */

import type { Windows } from "./compression.ts";
import {
  DEFLATE,
  type DeflateTerms,
  FULL_WINDOW,
  readParameters,
  SMALLEST_WINDOW,
  writeParameters,
} from "./deflate_parameters.ts";
import { readExtensions } from "./header_grammar.ts";
import { quote } from "./upgrade_error.ts";

/**
 * Returns the `Sec-WebSocket-Extensions` header of a client that offers compression.
 *
 * Without context takeover it asks the server for the same (7.1.1.1), and says that it uses none itself
 * (7.1.1.2), so that neither end needs memory for a window. `client_max_window_bits` is always offered,
 * as by browsers: a server that keeps small windows would decline otherwise (7.1.2.2).
 */
export function offerDeflate({ contextTakeover, windowBits }: Windows): string {
  const isSmall = windowBits < FULL_WINDOW;
  return writeParameters({
    freshServer: !contextTakeover,
    freshClient: !contextTakeover,
    serverBits: isSmall ? windowBits : undefined,
    clientBits: isSmall ? windowBits : true,
  });
}

/**
 * Reads the server's answer to {@linkcode offerDeflate}. A server that accepts without
 * `server_no_context_takeover`, or without `server_max_window_bits`, does not do what it was asked for:
 * then its messages refer to earlier ones, in a window of its own choice, and can still be read.
 *
 * @param header The `Sec-WebSocket-Extensions` header, if there is one.
 * @param offer What was offered; `undefined` for nothing.
 * @returns The terms; `undefined` if nothing is compressed; the message of an error if the connection
 * must fail (RFC 6455, 4.1; RFC 7692, 7.1).
 */
export function readDeflateAnswer(
  header: string | null | undefined,
  offer: Windows | undefined,
): DeflateTerms | string | undefined {
  const fault = (what: string): string => `Cannot use the server's extensions: ${what}`;
  const extensions = readExtensions(header ?? "");
  if (extensions === undefined) return fault("the header is malformed");
  const [extension] = extensions;
  if (extension === undefined) return undefined;
  const other = extensions.find(({ name }) => name !== DEFLATE || offer === undefined);
  if (other !== undefined) return fault(`${quote(other.name)} was not offered`);
  if (extensions.length > 1) return fault(`${DEFLATE} occurs twice`);
  const answer = readParameters(extension.parameters, false);
  if (typeof answer === "string") return fault(answer);
  const { contextTakeover, windowBits } = offer!;
  const { serverBits = FULL_WINDOW, clientBits = windowBits } = answer;
  if (answer.serverBits !== undefined && serverBits > windowBits) { // 7.1.2.1
    return fault(`server_max_window_bits is ${serverBits}, and ${windowBits} was offered`);
  }
  if (clientBits > windowBits) { // 7.1.2.2
    return fault(`client_max_window_bits is ${clientBits}, and ${windowBits} was offered`);
  }
  if (clientBits < SMALLEST_WINDOW) {
    return fault(`client_max_window_bits is ${clientBits}, and zlib needs ${SMALLEST_WINDOW}`);
  }
  return {
    serverContextTakeover: !answer.freshServer,
    clientContextTakeover: contextTakeover && !answer.freshClient,
    serverWindowBits: serverBits,
    clientWindowBits: clientBits,
  };
}
