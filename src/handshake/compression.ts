/** Compression of messages: the option, and what is agreed on about it (RFC 7692). @module */

import { utf8Length } from "../core/close_code.ts";
import { type Extension, readExtensions } from "./header_grammar.ts";
import { checkCount } from "../core/checks.ts";
import type { Bytes } from "../core/link.ts";

/** Bytes from which on messages are compressed, unless it is said otherwise. */
export const DEFAULT_THRESHOLD = 1024;

/** The largest window, as a power of two: 32 KiB. */
export const FULL_WINDOW = 15;

/** Which messages are compressed. */
export interface CompressionOptions {
  /**
   * How many bytes a message has at least. What is shorter goes as it is: it would gain little.
   *
   * @default {1024}
   */
  threshold?: number;
}

/** The option, checked. */
export type Compression = Readonly<Required<CompressionOptions>>;

/** What a server agrees to. */
export interface Deflating {
  /** The answer to the handshake: a server's `Sec-WebSocket-Extensions`. */
  readonly answer: string;
  /** How far back the server may refer, as a power of two: 9 to 15. */
  readonly windowBits: number;
}

/**
 * Checks the option.
 *
 * @returns Which messages are compressed; `undefined` for none.
 * @throws {TypeError} If it is neither a boolean nor an object.
 * @throws {RangeError} If the threshold is no number, or negative.
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
  return { threshold: Math.max(1, threshold) }; // of nothing, there is nothing to gain
}

/** Whether a message has so many bytes. */
export function reaches(data: string | Bytes, threshold: number): boolean {
  if (typeof data !== "string") return data.byteLength >= threshold;
  const { length } = data;
  return length >= threshold || (length * 3 >= threshold && utf8Length(data) >= threshold);
}

/**
 * Chooses the first offer that a server with zlib can keep. It always answers that it forgets each
 * message: so it needs no memory for a connection, what one message says never shows in the length
 * of another, and what is published is compressed once for all.
 *
 * @param offers A `Sec-WebSocket-Extensions` header, if there is one.
 * @returns Nothing if it offers none that can be kept, or is malformed: then nothing is compressed, and the handshake goes on (5).
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

const FLAG = /^(?:client|server)_no_context_takeover$/;

/** The size of a window, without leading zeros (7.1.2). */
const BITS = /^(?:[89]|1[0-5])$/;

/** The window that an offer leaves a server; `undefined` if the offer must be declined (7.1). */
function windowFor(parameters: Extension["parameters"]): number | undefined {
  if (new Map(parameters).size < parameters.length) return undefined; // one comes twice
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
