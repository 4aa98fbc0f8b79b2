/** Options for the faults of a connection in memory, and their checks. @module */

import { type Clock, systemClock } from "../../core/clock.ts";
import { checkCount, checkTimeout } from "../../core/checks.ts";
import { seeded } from "./random.ts";

/** One of the two directions of a connection. */
export type Direction = "toServer" | "toClient";

/** One number for both directions, or one for each. */
export type EachWay = number | { readonly toServer?: number; readonly toClient?: number };

/**
 * Options for the faults of a connection in memory. Without any, all that is sent arrives in the next
 * task.
 */
export interface FaultOptions {
  /**
   * Clock for latency, time limits and heartbeats: for instance a {@linkcode FakeClock}, which the
   * test drives.
   *
   * @default {the system's}
   */
  clock?: Clock;
  /**
   * Time from one end to the other, in milliseconds. A client is OPEN after one round trip, a server
   * after one way.
   *
   * @default {0}
   */
  latency?: EachWay;
  /**
   * Maximum of the random time that is added to `latency`, in milliseconds, drawn anew for each
   * message. Messages stay in order, as on TCP.
   *
   * @default {0}
   */
  jitter?: EachWay;
  /**
   * Seed of the random numbers: the same seed gives the same `jitter`.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * Number of bytes per second that the reading end takes. Bytes that it has not taken count in the
   * other end's `bufferedAmount`, and so for `drain`, `maxBuffered` and `overflow`. Only the content
   * of messages counts: frames have no size in memory.
   *
   * @default {Infinity}
   */
  slowReader?: EachWay;
  /**
   * Loses the connection after this number of milliseconds from the client's `open` on, or when this
   * number of messages has arrived, both directions together. Messages on their way are lost too.
   * Both ends get `error`, then `close` with 1006.
   *
   * @default {never}
   */
  dropAfter?: number | { readonly messages: number };
  /**
   * Number of bytes in one direction after which the connection breaks, as when a proxy dies: in the
   * middle of a message, which therefore never arrives. All messages before it arrive. Both ends get
   * `error`, then `close` with 1006.
   *
   * @default {never}
   */
  cutAt?: EachWay;
  /**
   * Whether the connection is half open from the client's `open` on: what either end sends is lost,
   * and neither end gets an event until a time limit of its own has passed (`idleTimeout`, the
   * heartbeat of `reconnect()`, `closeTimeout`).
   *
   * @default {false}
   */
  halfOpen?: boolean;
}

/** Names of {@linkcode FaultOptions}. */
export const FAULT_OPTIONS: Readonly<Record<keyof FaultOptions, 0>> = {
  clock: 0,
  latency: 0,
  jitter: 0,
  seed: 0,
  slowReader: 0,
  dropAfter: 0,
  cutAt: 0,
  halfOpen: 0,
};

/** Checked faults of one direction. */
export interface DirectionFaults {
  readonly clock: Clock;
  /** Milliseconds from one end to the other. */
  readonly latency: number;
  /** Maximum of the random milliseconds that are added to `latency`. */
  readonly jitter: number;
  /** Returns a random number of at least 0 and less than 1. */
  readonly random: () => number;
  /** Number of bytes per second that the reading end takes. */
  readonly rate: number;
  /** Number of bytes after which the connection breaks. */
  readonly cutAt: number;
}

/** Checked faults, with defaults. */
export interface Faults {
  readonly clock: Clock;
  readonly toServer: DirectionFaults;
  readonly toClient: DirectionFaults;
  readonly dropAfter: { readonly milliseconds?: number; readonly messages?: number };
  readonly halfOpen: boolean;
}

/**
 * Checks options, and fills in their defaults.
 *
 * @throws {RangeError} If a number is out of its range.
 */
export function checkFaults(options: FaultOptions): Faults {
  const { clock = systemClock, latency = 0, jitter = 0, seed = 1, halfOpen = false } = options;
  const { slowReader = Infinity, cutAt = Infinity, dropAfter } = options;

  const oneDirection = (direction: Direction, seed: number): DirectionFaults => ({
    clock,
    latency: checkTimeout("latency", valueFor(latency, direction, 0)),
    jitter: checkTimeout("jitter", valueFor(jitter, direction, 0)),
    random: seeded(seed),
    rate: checkCount("slowReader", valueFor(slowReader, direction, Infinity), 1),
    cutAt: checkCount("cutAt", valueFor(cutAt, direction, Infinity), 0),
  });
  return {
    clock,
    toServer: oneDirection("toServer", seed),
    toClient: oneDirection("toClient", seed + 1),
    dropAfter: dropAfter === undefined
      ? {}
      : typeof dropAfter === "object"
      ? { messages: checkCount("dropAfter.messages", dropAfter.messages, 1) }
      : { milliseconds: checkTimeout("dropAfter", dropAfter) },
    halfOpen,
  };
}

function valueFor(value: EachWay, direction: Direction, fallback: number): number {
  return Object(value) === value
    ? (value as Exclude<EachWay, number>)[direction] ?? fallback
    : value as number; // it is checked
}
