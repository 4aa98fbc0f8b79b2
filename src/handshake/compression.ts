/** Compression of messages: the option, and its negotiation in the handshake (RFC 7692). @module */

import { utf8Length } from "../core/close_code.ts";
import {
  DEFLATE,
  type DeflateTerms,
  FULL_WINDOW,
  readParameters,
  SMALLEST_WINDOW,
  writeParameters,
} from "./deflate_parameters.ts";
import { readExtensions } from "./header_grammar.ts";
import { checkCount, checkNumber } from "../core/checks.ts";
import type { Bytes } from "../core/link.ts";
import { checkNames } from "../core/option_names.ts";

/** Default of {@linkcode CompressionOptions.threshold}, in bytes. */
export const DEFAULT_THRESHOLD = 1024;

/** Options for the compression of messages. */
export interface CompressionOptions {
  /**
   * Minimum size of a message that is compressed, in bytes. A shorter one would gain little.
   *
   * @default {1024}
   */
  threshold?: number;
  /**
   * Whether a message may refer to earlier ones of the same end, if the peer agrees. Short messages that
   * resemble each other become a third shorter or more. Each connection takes up to 36 KiB of memory for
   * it, on Bun's own server more, and a published message is compressed for each receiver. And what one
   * message says shows in the length of the next.
   *
   * Deno's zlib cannot compress like that: there, only what the peer sends refers to earlier messages.
   *
   * @default {false}
   */
  contextTakeover?: boolean;
  /**
   * Maximum size of the window in which repetitions are found, as a power of two: 9 (512 bytes) to 15
   * (32 KiB). A smaller one saves memory where {@linkcode CompressionOptions.contextTakeover} is set, and
   * nothing without it. A client that does not offer to limit its window uses what it likes.
   *
   * Bun's own server throws `NotSupportedError` for less than 15.
   *
   * @default {15}
   */
  windowBits?: number;
}

/** {@linkcode CompressionOptions}, checked. */
export type Compression = Readonly<Required<CompressionOptions>>;

const COMPRESSION_OPTIONS: Readonly<Record<keyof CompressionOptions, 0>> = {
  threshold: 0,
  contextTakeover: 0,
  windowBits: 0,
};

/** The part of the options that is negotiated. */
export type Windows = Pick<Compression, "contextTakeover" | "windowBits">;

/** Terms of permessage-deflate that a server has agreed to. */
export interface Deflating extends DeflateTerms {
  /** Value of the `Sec-WebSocket-Extensions` header in the 101 response. */
  readonly answer: string;
}

/**
 * Checks the option `compression`.
 *
 * @returns Which messages are compressed; `undefined` for none.
 * @throws {TypeError} If it is neither a boolean nor an object, or `contextTakeover` is no boolean.
 * @throws {RangeError} If the threshold is not a number, or negative, or `windowBits` is no integer from
 * 9 to 15.
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
  if (option !== true) checkNames("compress", option, COMPRESSION_OPTIONS);
  const { threshold = DEFAULT_THRESHOLD, contextTakeover = false, windowBits = FULL_WINDOW } =
    option === true ? {} : option;
  checkCount("threshold", threshold, 0);
  if (typeof contextTakeover !== "boolean") {
    throw new TypeError(
      `Cannot use contextTakeover ${JSON.stringify(contextTakeover)}: it must be true or false`,
    );
  }
  checkNumber("use windowBits", windowBits);
  if (!Number.isInteger(windowBits) || windowBits < SMALLEST_WINDOW || windowBits > FULL_WINDOW) {
    throw new RangeError(
      `Cannot use windowBits ${windowBits}: it must be an integer from ${SMALLEST_WINDOW} to ` +
        `${FULL_WINDOW}`,
    );
  }
  // An empty message is never compressed.
  return { threshold: Math.max(1, threshold), contextTakeover, windowBits };
}

/** Reports whether a message has at least a number of bytes. */
export function reaches(data: string | Bytes, threshold: number): boolean {
  if (typeof data !== "string") return data.byteLength >= threshold;
  const { length } = data;
  return length >= threshold || (length * 3 >= threshold && utf8Length(data) >= threshold);
}

/**
 * Chooses the first offer that a server with zlib can accept.
 *
 * Without context takeover, the answer has `server_no_context_takeover` and `client_no_context_takeover`,
 * which a server may add by itself (7.1.1): so a connection needs no memory for a window, the content of
 * one message never affects the length of another, and a published message is compressed once for all
 * receivers. With it, the answer has what the client asks for.
 *
 * @param offers The `Sec-WebSocket-Extensions` header, if there is one.
 * @returns `undefined` if no offer can be accepted, or the header is malformed: then nothing is
 * compressed, and the handshake continues (5).
 */
export function chooseDeflate(
  offers: string | null | undefined,
  { contextTakeover, windowBits }: Windows = { contextTakeover: false, windowBits: FULL_WINDOW },
): Deflating | undefined {
  for (const { name, parameters } of readExtensions(offers ?? "") ?? []) {
    const offer = name === DEFLATE ? readParameters(parameters, true) : name;
    if (typeof offer === "string") continue; // another extension, or parameters that are wrong (7.1)
    const { serverBits, clientBits } = offer;
    const serverWindowBits = Math.min(serverBits ?? FULL_WINDOW, windowBits);
    if (serverWindowBits < SMALLEST_WINDOW) continue;
    const clientWindowBits = clientBits === undefined // then the answer must not limit it (7.1.2.2)
      ? FULL_WINDOW
      : Math.min(clientBits, windowBits);
    const serverContextTakeover = contextTakeover && !offer.freshServer;
    const clientContextTakeover = contextTakeover && !offer.freshClient;
    const isSmall = serverWindowBits < FULL_WINDOW;
    const answer = writeParameters({
      freshServer: !serverContextTakeover,
      freshClient: !clientContextTakeover,
      serverBits: isSmall || serverBits !== undefined ? serverWindowBits : undefined,
      clientBits: clientWindowBits < FULL_WINDOW ? clientWindowBits : undefined,
    });
    return {
      answer,
      serverContextTakeover,
      clientContextTakeover,
      serverWindowBits,
      clientWindowBits,
    };
  }
  return undefined;
}
