/** Parameters of permessage-deflate, in offers and in answers (RFC 7692, 7.1). @module */

import type { Extension } from "./header_grammar.ts";
import { quote } from "./upgrade_error.ts";

/** Name of the extension (7). */
export const DEFLATE = "permessage-deflate";

/** Size of the largest window, as a power of two: 32 KiB. */
export const FULL_WINDOW = 15;

/** Size of the smallest window that zlib compresses with, as a power of two. */
export const SMALLEST_WINDOW = 9;

/** What both ends of a connection have agreed on. */
export interface DeflateTerms {
  /** Whether a message of the server may refer to its earlier ones (7.1.1.1). */
  readonly serverContextTakeover: boolean;
  /** Whether a message of the client may refer to its earlier ones (7.1.1.2). */
  readonly clientContextTakeover: boolean;
  /** Maximum size of the server's window, as a power of two: 9 to 15 (7.1.2.1). */
  readonly serverWindowBits: number;
  /** Maximum size of the client's window, as a power of two: 8 to 15 (7.1.2.2). */
  readonly clientWindowBits: number;
}

/** Parameters as they were received. */
export interface DeflateParameters {
  /** Whether there is `server_no_context_takeover`. */
  readonly freshServer: boolean;
  /** Whether there is `client_no_context_takeover`. */
  readonly freshClient: boolean;
  /** `server_max_window_bits`, 8 to 15; `undefined` if it is missing. */
  readonly serverBits: number | undefined;
  /** `client_max_window_bits`, 8 to 15; `undefined` if it is missing. Without a value, 15. */
  readonly clientBits: number | undefined;
}

/** A size of a window, without leading zeros (7.1.2). */
const BITS = /^(?:[89]|1[0-5])$/;

/**
 * Reads the parameters of an offer, or of the answer to one.
 *
 * @param isOffer Whether it is an offer, in which `client_max_window_bits` needs no value (7.1.2.2).
 * @returns The parameters; or what is wrong with them, as the end of a sentence.
 */
export function readParameters(
  parameters: Extension["parameters"],
  isOffer: boolean,
): DeflateParameters | string {
  const bits: Record<string, number> = {};
  for (const [name, value] of parameters) {
    if (Object.hasOwn(bits, name)) return `${name} occurs twice`;
    switch (name) {
      case "server_no_context_takeover":
      case "client_no_context_takeover":
        if (value !== undefined) return `${name} has a value`;
        bits[name] = 0;
        break;
      case "server_max_window_bits":
      case "client_max_window_bits":
        if (value === undefined && isOffer && name === "client_max_window_bits") {
          bits[name] = FULL_WINDOW;
        } else if (value !== undefined && BITS.test(value)) {
          bits[name] = Number(value);
        } else {
          return `${name} must be 8 to 15`;
        }
        break;
      default:
        return `${DEFLATE} has no parameter ${quote(name)}`;
    }
  }
  return {
    freshServer: bits.server_no_context_takeover !== undefined,
    freshClient: bits.client_no_context_takeover !== undefined,
    serverBits: bits.server_max_window_bits,
    clientBits: bits.client_max_window_bits,
  };
}

/** Writes an offer, or the answer to one. What is `undefined` or `false` is left out. */
export function writeParameters(
  { freshServer, freshClient, serverBits, clientBits }: {
    readonly freshServer: boolean;
    readonly freshClient: boolean;
    readonly serverBits: number | undefined;
    /** `true` for a parameter without a value. */
    readonly clientBits: number | true | undefined;
  },
): string {
  let written = DEFLATE;
  if (freshServer) written += "; server_no_context_takeover";
  if (freshClient) written += "; client_no_context_takeover";
  if (serverBits !== undefined) written += `; server_max_window_bits=${serverBits}`;
  if (clientBits === true) written += "; client_max_window_bits";
  else if (clientBits !== undefined) written += `; client_max_window_bits=${clientBits}`;
  return written;
}
