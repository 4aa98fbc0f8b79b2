/** How long to wait before the next attempt. @module */

import { checkTimeout } from "../../core/checks.ts";

/** How waits between attempts grow. */
export interface BackoffOptions {
  /**
   * The longest wait after the first failure, in milliseconds. It doubles with each failure.
   *
   * @default {1000}
   */
  base?: number;
  /**
   * The longest wait of all, in milliseconds.
   *
   * @default {30000}
   */
  max?: number;
  /**
   * How long a connection must have stayed up for earlier failures to be forgotten, in milliseconds.
   *
   * @default {5000}
   */
  stable?: number;
  /**
   * The longest wait that a server can ask for by `Retry-After`, in milliseconds, where it refuses a
   * handshake: more is cut to it, and 0 takes no notice. A part of an ordinary wait comes on top, so
   * that not all come at once. Only the engine `ws` tells of that header.
   *
   * @default {300000}
   */
  retryAfter?: number;
}

/** Close codes by which a server asks for time (IANA's registry of close codes). */
const SERVICE_RESTART = 1012, TRY_AGAIN_LATER = 1013;

/** Counts failures, and spreads what follows them: clients that fall together rise apart. */
export class Backoff {
  /** Attempts and connections that failed since one has stayed up. */
  failures = 0;
  /** The server asked for the present wait: nothing shortens it. */
  asked = false;

  readonly #base: number;
  readonly #max: number;
  readonly #stable: number;
  readonly #patience: number;
  readonly #random: () => number;

  /** Checks the options. */
  constructor(options: BackoffOptions, random: () => number) {
    const { base = 1000, max = 30_000, stable = 5000, retryAfter = 300_000 } = options;
    this.#base = checkTimeout("backoff.base", base);
    this.#max = checkTimeout("backoff.max", max);
    this.#stable = checkTimeout("backoff.stable", stable);
    this.#patience = checkTimeout("backoff.retryAfter", retryAfter);
    this.#random = random;
  }

  /** Counts an end, after so many milliseconds of a connection. */
  ended(up: number): void {
    if (up >= this.#stable) this.failures = 0;
    this.failures++;
  }

  /**
   * The next wait, in milliseconds.
   *
   * @param retryAfter What the server has asked for when it refused.
   */
  wait(code: number, retryAfter: number): number {
    const asked = Math.min(retryAfter, this.#patience);
    this.asked = asked > 0 || code === SERVICE_RESTART || code === TRY_AGAIN_LATER;
    const max = this.#max;
    // 1012 asks for 5 to 30 seconds, which is what the default of max makes of it.
    if (code === SERVICE_RESTART) return max / 6 + this.#random() * max * 5 / 6;
    if (code === TRY_AGAIN_LATER) return max / 2 + this.#random() * max / 2;
    return asked + this.#random() * Math.min(max, this.#base * 2 ** (this.failures - 1));
  }
}
