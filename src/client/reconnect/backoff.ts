/** Computes the delay before the next attempt to connect. @module */

/** Options for the delays between attempts to connect. */
export interface BackoffOptions {
  /**
   * Maximum delay after the first failure, in milliseconds. It doubles with each further failure.
   *
   * @default {1000}
   */
  base?: number;
  /**
   * Upper bound of all delays, in milliseconds.
   *
   * @default {30000}
   */
  max?: number;
  /**
   * Time after which an open connection resets the number of failures, in milliseconds.
   *
   * @default {5000}
   */
  stable?: number;
  /**
   * Maximum delay that a server can request by `Retry-After` when it refuses a handshake, in
   * milliseconds. Longer requests are cut to it; 0 ignores the header. A random part of an ordinary
   * delay is added, so that not all clients return at once. Only the engine `tcp` reports that header.
   *
   * @default {300000}
   */
  retryAfter?: number;
}

/** Close codes with which a server requests a longer delay (IANA's registry of close codes). */
const SERVICE_RESTART = 1012, TRY_AGAIN_LATER = 1013;

/** Counts failures, and randomizes delays: clients that are cut together return spread over time. */
export class Backoff {
  /** Number of attempts and connections that have failed since a connection was stable. */
  failures = 0;
  /** Whether the server requested the current delay: then nothing shortens it. */
  isRequested = false;

  readonly #options: Required<BackoffOptions>;
  readonly #random: () => number;

  /** Has counted nothing yet. */
  constructor(
    { base = 1000, max = 30_000, stable = 5000, retryAfter = 300_000 }: BackoffOptions = {},
    random: () => number,
  ) {
    this.#options = { base, max, stable, retryAfter };
    this.#random = random;
  }

  /** Counts the end of a connection that was open for `up` milliseconds; `NaN` for a failed attempt. */
  ended(up: number): void {
    if (up >= this.#options.stable) this.failures = 0;
    this.failures++;
  }

  /**
   * Returns the next delay, in milliseconds.
   *
   * @param code The close code of the connection that has ended.
   * @param retryAfter Delay that the server requested when it refused, in milliseconds; 0 for none.
   */
  nextDelay(code: number, retryAfter: number): number {
    const { base, max } = this.#options;
    const requested = Math.min(retryAfter, this.#options.retryAfter);
    this.isRequested = requested > 0 || code === SERVICE_RESTART || code === TRY_AGAIN_LATER;
    // 1012 requests 5 to 30 seconds: with the default of max, the result is just that.
    if (code === SERVICE_RESTART) return max / 6 + this.#random() * max * 5 / 6;
    if (code === TRY_AGAIN_LATER) return max / 2 + this.#random() * max / 2;
    // Behind 1024 failures the power is infinite, and no number times 0.
    return requested + this.#random() * Math.min(max, base && base * 2 ** (this.failures - 1));
  }
}
