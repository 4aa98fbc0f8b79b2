/** What one connection may cost: the options, and what they are without. @module */

import { checkCount } from "../core/checks.ts";
import { utf8Length } from "../core/close_code.ts";

/** Limits of one socket of a server. */
export interface Limits {
  /**
   * The longest message that is taken, in bytes. The peer of a longer one gets Close code 1009; the
   * socket gets `error`, then `close` with 1006.
   *
   * @default {1048576}
   */
  maxPayload?: number;
  /**
   * How many bytes may wait for a peer that does not read. What happens to a message that is sent
   * while so many or more wait, {@linkcode Limits.overflow} says. `Infinity` for no limit.
   *
   * @default {16777216}
   */
  maxBuffered?: number;
  /**
   * What happens when {@linkcode Limits.maxBuffered} bytes wait and more is sent.
   *
   * - `"close"`: the socket gets `error`, and is closed with code 1013.
   * - `"drop"`: the message is dropped, and counted in the server's statistics.
   * - `"wait"`: `send()` throws a `QuotaExceededError` until the `drain` event; what is published is
   *   dropped and counted. Besides, messages of the peer are not delivered while more than
   *   {@linkcode Limits.lowWaterMark} bytes wait for it: so a listener that answers each message
   *   needs to do nothing about it.
   *
   * @default {"close"}
   */
  overflow?: "close" | "drop" | "wait";
  /**
   * How many bytes may be left when the `drain` event comes, after more than that have waited.
   *
   * @default {maxBuffered / 16}
   */
  lowWaterMark?: number;
  /**
   * How many messages a peer may send in a second. Who sends more gets Close code 1008, after
   * `error`. After a pause, a burst may have twice as many.
   *
   * @default {Infinity}
   */
  maxMessagesPerSecond?: number;
}

/** Limits that make sense. */
export type CheckedLimits = Readonly<Required<Limits>>;

const OVERFLOWS: readonly unknown[] = ["close", "drop", "wait"];

/** Default of a client's `maxPayload`, in bytes. */
export const CLIENT_MAX_PAYLOAD: number = 64 * 1024 * 1024;

/** Bytes that may wait before `drain` has something to tell, for sockets without limits. */
export const LOW_WATER_MARK: number = 1024 * 1024;

const DEFAULTS: CheckedLimits = {
  maxPayload: 1024 * 1024,
  maxBuffered: 16 * LOW_WATER_MARK,
  overflow: "close",
  lowWaterMark: LOW_WATER_MARK,
  maxMessagesPerSecond: Infinity,
};

/** Number of bytes on average of the pieces of a frame, at least, where it comes in very many. */
const PIECE = 64;

/** Number of pieces in which any frame may come. */
const MIN_PIECES = 20_480;

/**
 * Returns the maximum number of pieces of a frame that may wait for the rest of it (RFC 6455, 10.4).
 * An engine that keeps them as TCP has brought them needs some hundred bytes of memory for each,
 * which `maxPayload` does not count.
 *
 * @param maxPayload Maximum number of bytes of a message.
 */
export function maxPieces(maxPayload: number): number {
  return Math.max(MIN_PIECES, Math.ceil(maxPayload / PIECE));
}

/** The error of a connection whose peer has sent a message of more than `maxPayload` bytes. */
export function tooLong(maxPayload: number): string {
  return `A message has more than maxPayload, ${maxPayload} bytes`;
}

/**
 * Fails a connection if a message is longer than it may be.
 *
 * @returns Whether the message may be delivered.
 */
export function fits(
  data: string | ArrayBuffer,
  connection: { fail(code: number, message: string): void },
  maxPayload = Infinity,
): boolean {
  // One comparison for most: the bytes of a text are counted only if they may be too many.
  const isShort = typeof data === "string"
    ? data.length * 3 <= maxPayload || utf8Length(data) <= maxPayload
    : data.byteLength <= maxPayload;
  if (!isShort) connection.fail(1009, tooLong(maxPayload)); // 7.4.1
  return isShort;
}

/**
 * Checks limits.
 *
 * @param given What a user said.
 * @param base What holds where nothing is said.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If `overflow` is none of its words.
 */
export function checkLimits(given: Limits, base: CheckedLimits = DEFAULTS): CheckedLimits {
  const {
    maxPayload = base.maxPayload,
    maxBuffered = base.maxBuffered,
    overflow = base.overflow,
    maxMessagesPerSecond = base.maxMessagesPerSecond,
  } = given;
  checkCount("maxPayload", maxPayload, 1);
  checkCount("maxBuffered", maxBuffered, 1);
  checkCount("maxMessagesPerSecond", maxMessagesPerSecond, 1);
  if (!OVERFLOWS.includes(overflow)) {
    throw new TypeError(
      `Cannot use overflow "${overflow}": it must be "close", "drop" or "wait"`,
    );
  }
  const inherited = given.maxBuffered === undefined ? base.lowWaterMark : undefined;
  const { lowWaterMark = inherited ?? Math.min(maxBuffered, DEFAULTS.maxBuffered) / 16 } = given;
  checkCount("lowWaterMark", lowWaterMark, 0);
  if (lowWaterMark > maxBuffered) {
    throw new RangeError(
      `Cannot use lowWaterMark ${lowWaterMark}: it must be at most maxBuffered, ${maxBuffered}`,
    );
  }
  return { maxPayload, maxBuffered, overflow, lowWaterMark, maxMessagesPerSecond };
}
