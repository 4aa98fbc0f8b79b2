/** Limits of one connection of a server: options and their defaults. @module */

import { checkCount } from "../core/checks.ts";
import { LOW_WATER_MARK } from "../core/sender.ts";

/** Limits of one socket of a server. */
export interface Limits {
  /**
   * Maximum size of a received message, in bytes. The peer that sends a longer one gets Close code
   * 1009; the socket gets `error`, then `close` with 1006.
   *
   * @default {1048576}
   */
  maxPayload?: number;
  /**
   * Maximum number of bytes that may be buffered for a peer that does not read; `Infinity` for no
   * limit. {@linkcode Limits.overflow} is applied to a message that is sent while that many bytes, or
   * more, are buffered.
   *
   * @default {16777216}
   */
  maxBuffered?: number;
  /**
   * Action when a message is sent while {@linkcode Limits.maxBuffered} bytes are buffered.
   *
   * - `"close"`: the socket gets `error`, and is closed with code 1013.
   * - `"drop"`: the message is dropped, and counted in the server's statistics.
   * - `"wait"`: `send()` throws a `QuotaExceededError` until the `drain` event; published messages are
   *   dropped and counted. Besides, messages of the peer are not delivered while more than
   *   {@linkcode Limits.lowWaterMark} bytes are buffered for it: so a listener that answers each
   *   message needs no code for this.
   *
   * @default {"close"}
   */
  overflow?: "close" | "drop" | "wait";
  /**
   * Number of bytes that may still be buffered when the `drain` event fires. The event is due after
   * more bytes than that were buffered.
   *
   * @default {maxBuffered / 16}
   */
  lowWaterMark?: number;
  /**
   * Maximum number of messages that a peer may send in a second. One that sends more gets Close code
   * 1008, and the socket an `error` event. After a pause, a burst may have twice as many.
   *
   * @default {Infinity}
   */
  maxMessagesPerSecond?: number;
}

/** Limits that have been checked. */
export type CheckedLimits = Readonly<Required<Limits>>;

const OVERFLOWS: readonly unknown[] = ["close", "drop", "wait"];

const DEFAULTS: CheckedLimits = {
  maxPayload: 1024 * 1024,
  maxBuffered: 16 * LOW_WATER_MARK,
  overflow: "close",
  lowWaterMark: LOW_WATER_MARK,
  maxMessagesPerSecond: Infinity,
};

/** Names of {@linkcode Limits}. */
export const LIMIT_OPTIONS: Readonly<Record<keyof Limits, 0>> = {
  maxPayload: 0,
  maxBuffered: 0,
  overflow: 0,
  lowWaterMark: 0,
  maxMessagesPerSecond: 0,
};

/**
 * Checks limits.
 *
 * @param given Options of a user.
 * @param base Defaults of the options that are not given.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If `overflow` is not one of its values.
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
