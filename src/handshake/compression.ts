/** Compression of messages: the option, and its negotiation in the handshake (RFC 7692). @module */

import { utf8Length } from "../core/close_code.ts";
import { type Extension, readExtensions } from "./header_grammar.ts";
import { checkCount } from "../core/checks.ts";
import type { Bytes } from "../core/link.ts";

/** Default of {@linkcode CompressionOptions.threshold}, in bytes. */
export const DEFAULT_THRESHOLD = 1024;

/** Size of the largest window, as a power of two: 32 KiB. */
export const FULL_WINDOW = 15;

/** Options for the compression of messages. */
export interface CompressionOptions {
  /**
   * Minimum size of a message that is compressed, in bytes. A shorter one would gain little.
   *
   * @default {1024}
   */
  threshold?: number;
}

/** {@linkcode CompressionOptions}, checked. */
export type Compression = Readonly<Required<CompressionOptions>>;

/** Parameters of permessage-deflate that a server has agreed to. */
export interface Deflating {
  /** Value of the `Sec-WebSocket-Extensions` header in the 101 response. */
  readonly answer: string;
  /** Size of the server's window, as a power of two: 9 to 15. */
  readonly windowBits: number;
}

/**
 * Checks the option `compression`.
 *
 * @returns Which messages are compressed; `undefined` for none.
 * @throws {TypeError} If it is neither a boolean nor an object.
 * @throws {RangeError} If the threshold is not a number, or negative.
 */
export function checkCompression(
  option: boolean | CompressionOptions | undefined,
): Compression | undefined {
  if (option === undefined || option === false) return undefined;
  if (option !== true && (typeof option !== "object" || option === null)) {
    throw new TypeError(
      `Cannot use compression ${JSON.stringify(option)}: it must be true, false or an object`,
    );
  }
  const { threshold = DEFAULT_THRESHOLD } = option === true ? {} : option;
  checkCount("threshold", threshold, 0);
  return { threshold: Math.max(1, threshold) }; // an empty message is never compressed
}

/** Reports whether a message has at least a number of bytes. */
export function reaches(data: string | Bytes, threshold: number): boolean {
  if (typeof data !== "string") return data.byteLength >= threshold;
  const { length } = data;
  return length >= threshold || (length * 3 >= threshold && utf8Length(data) >= threshold);
}

/**
 * Chooses the first offer that a server with zlib can accept. The answer always has
 * `server_no_context_takeover`: so a connection needs no memory for a window, the content of one
 * message never affects the length of another, and a published message is compressed once for all
 * receivers.
 *
 * @param offers The `Sec-WebSocket-Extensions` header, if there is one.
 * @returns `undefined` if no offer can be accepted, or the header is malformed: then nothing is
 * compressed, and the handshake continues (5).
 */
export function chooseDeflate(offers: string | null | undefined): Deflating | undefined {
  for (const { name, parameters } of readExtensions(offers ?? "") ?? []) {
    const windowBits = name === "permessage-deflate" ? windowFor(parameters) : undefined;
    if (windowBits === undefined) continue;
    const answer = "permessage-deflate; server_no_context_takeover";
    return {
      answer: windowBits === FULL_WINDOW
        ? answer
        : `${answer}; server_max_window_bits=${windowBits}`,
      windowBits,
    };
  }
  return undefined;
}

/** Parameters without a value (7.1.1). */
const FLAG = /^(?:client|server)_no_context_takeover$/;

/** Size of a window, without leading zeros (7.1.2). */
const BITS = /^(?:[89]|1[0-5])$/;

/**
 * Returns the server's window size by an offer; `undefined` if the offer must be declined (7.1).
 */
function windowFor(parameters: Extension["parameters"]): number | undefined {
  if (new Map(parameters).size < parameters.length) return undefined; // a parameter occurs twice
  let bits = FULL_WINDOW;
  for (const [name, value] of parameters) {
    if (FLAG.test(name) && value === undefined) continue;
    const isBits = value !== undefined && BITS.test(value);
    if (name === "client_max_window_bits" && (isBits || value === undefined)) continue;
    if (name !== "server_max_window_bits" || !isBits) return undefined;
    bits = Number(value);
    if (bits === 8) return undefined; // zlib's smallest window has 9 bits
  }
  return bits;
}
