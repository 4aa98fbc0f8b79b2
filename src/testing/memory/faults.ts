/** What can go wrong between two ends, as a test asks for it. @module */

import { type Clock, systemClock } from "../../core/clock.ts";
import { checkCount, checkTimeout } from "../../core/checks.ts";
import { seeded } from "./random.ts";

/** One way through a connection. */
export type Direction = "toServer" | "toClient";

/** A number for both directions, or one for each. */
export type EachWay = number | { readonly toServer?: number; readonly toClient?: number };

/** What a connection in memory is like. Without any of it, all that is sent arrives in a task. */
export interface FaultOptions {
  /**
   * Where time comes from: a {@linkcode FakeClock}, for a test that drives it.
   *
   * @default {the system's}
   */
  clock?: Clock;
  /**
   * How long things are on their way, in milliseconds. A client is OPEN after one way there and one
   * back, a server after one way.
   *
   * @default {0}
   */
  latency?: EachWay;
  /**
   * How much longer they may be, in milliseconds: a random part of it for each message. The order
   * stays, as TCP keeps it.
   *
   * @default {0}
   */
  jitter?: EachWay;
  /**
   * What the random parts are made of: the same seed makes the same ones.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * How many bytes the end that reads takes in a second. What it has not taken is in the other end's
   * `bufferedAmount`, so `drain`, `maxBuffered` and `overflow` are at work. Only what messages carry
   * counts: frames have no size in memory.
   *
   * @default {Infinity}
   */
  slowReader?: EachWay;
  /**
   * When the connection is lost: after so many milliseconds from the client's `open` on, or when so
   * many messages have arrived, those of both directions together. What is on its way is lost too.
   * Both ends get `error`, then `close` with 1006.
   *
   * @default {never}
   */
  dropAfter?: number | { readonly messages: number };
  /**
   * After how many bytes of one direction the connection breaks, as when a proxy dies: in the middle
   * of a message, which therefore never arrives. All before it does. Both ends get `error`, then
   * `close` with 1006.
   *
   * @default {never}
   */
  cutAt?: EachWay;
  /**
   * Whether the connection is half open as soon as the client is OPEN: what either end sends
   * vanishes, and neither is told, until a time limit of its own is over (`idleTimeout`, the
   * heartbeat of `reconnect()`, `closeTimeout`).
   *
   * @default {false}
   */
  halfOpen?: boolean;
}

/** How one direction is. */
export interface Way {
  readonly clock: Clock;
  /** ms on the way. */
  readonly latency: number;
  /** ms at most on top. */
  readonly jitter: number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Bytes per second. */
  readonly rate: number;
  /** Bytes until it breaks. */
  readonly cutAt: number;
}

/** Options that make sense. */
export interface Faults {
  readonly clock: Clock;
  readonly toServer: Way;
  readonly toClient: Way;
  readonly dropAfter: { readonly milliseconds?: number; readonly messages?: number };
  readonly halfOpen: boolean;
}

/**
 * Checks options.
 *
 * @throws {RangeError} If a number is out of its range.
 */
export function checkFaults(options: FaultOptions): Faults {
  const { clock = systemClock, latency = 0, jitter = 0, seed = 1, halfOpen = false } = options;
  const { slowReader = Infinity, cutAt = Infinity, dropAfter } = options;
  const way = (direction: Direction, seed: number): Way => ({
    clock,
    latency: checkTimeout("latency", oneWay(latency, direction, 0)),
    jitter: checkTimeout("jitter", oneWay(jitter, direction, 0)),
    random: seeded(seed),
    rate: checkCount("slowReader", oneWay(slowReader, direction, Infinity), 1),
    cutAt: checkCount("cutAt", oneWay(cutAt, direction, Infinity), 0),
  });
  return {
    clock,
    toServer: way("toServer", seed),
    toClient: way("toClient", seed + 1),
    dropAfter: dropAfter === undefined
      ? {}
      : typeof dropAfter === "number"
      ? { milliseconds: checkTimeout("dropAfter", dropAfter) }
      : { messages: checkCount("dropAfter.messages", dropAfter.messages, 1) },
    halfOpen,
  };
}

function oneWay(value: EachWay, direction: Direction, without: number): number {
  return typeof value === "number" ? value : value[direction] ?? without;
}
