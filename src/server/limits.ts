/** What one connection may cost: the options, and what they are without. @module */

import { checkCount } from "../core/checks.ts";
import { LOW_WATER_MARK } from "../core/sender.ts";

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

const DEFAULTS: CheckedLimits = {
  maxPayload: 1024 * 1024,
  maxBuffered: 16 * LOW_WATER_MARK,
  overflow: "close",
  lowWaterMark: LOW_WATER_MARK,
  maxMessagesPerSecond: Infinity,
};

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
