/** Detects dead connections in clients that cannot send Ping frames. @module */

import type { Clock } from "../../core/clock.ts";

/** Difference of two timestamps that counts as rounding, in ms: they are not whole numbers. */
const ROUNDING = 1e-3;

/** Options for detecting dead connections. */
export interface HeartbeatOptions {
  /** Time without any message after which a probe is sent, in milliseconds. */
  every: number;
  /** Time limit for a message after the probe, in milliseconds; then the connection is dropped. */
  deadline: number;
  /**
   * The probe: a message that the server answers with any message. Without it nothing is sent, and the
   * server must send a message at least every `every + deadline` milliseconds.
   *
   * @default {undefined}
   */
  message?: string | ArrayBuffer | ArrayBufferView | Blob;
}

/** Actions of a heartbeat on its connection. */
export interface HeartbeatCallbacks {
  /** Sends the probe. */
  probe(): void;
  /** Drops the connection. */
  dead(): void;
}

/**
 * Watches one connection, by timestamps. The timer of a machine that slept, or of a page that was
 * frozen, fires late, which does not prove that the connection is dead: messages that arrived
 * meanwhile may not have been delivered yet. So after a late timer the probe is sent once more.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #options: HeartbeatOptions;
  readonly #callbacks: HeartbeatCallbacks;
  #heard: number;
  /** Time at which the answer to the probe is due; `undefined` while no probe is pending. */
  #due: number | undefined;
  /** Whether the probe was sent a second time. */
  #again = false;
  #cancel: (() => void) | undefined;

  /** Begins to watch. */
  constructor(clock: Clock, options: HeartbeatOptions, callbacks: HeartbeatCallbacks) {
    this.#clock = clock;
    this.#options = options;
    this.#callbacks = callbacks;
    this.#heard = clock.now();
    this.#watch(options.every);
  }

  /** Records that a message arrived. */
  heard(): void {
    this.#heard = this.#clock.now();
    this.#again = false;
    if (this.#due === undefined) return; // the timer that is running checks #heard
    this.#due = undefined;
    this.#watch(this.#options.every);
  }

  /** Sends the probe at once: the machine woke up, or the network is back. */
  wake(): void {
    if (this.#due === undefined) return this.#probe();
    if (this.#clock.now() < this.#due || this.#again) return; // it was sent already
    this.#again = true;
    this.#probe();
  }

  /** Ends the watch. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(milliseconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(milliseconds, () => this.#check());
  }

  #check(): void {
    const now = this.#clock.now();
    const { every, deadline } = this.#options;
    if (this.#due === undefined) {
      const silence = Math.max(0, now - this.#heard); // clocks can be set back
      // A rest that is due to rounding would be a timer of 0 ms, again and again.
      if (every - silence > ROUNDING) this.#watch(every - silence);
      else this.#probe();
    } else if (now - this.#due > deadline && !this.#again) {
      this.#again = true;
      this.#probe();
    } else {
      this.stop();
      this.#callbacks.dead();
    }
  }

  #probe(): void {
    const { deadline } = this.#options;
    this.#due = this.#clock.now() + deadline;
    this.#watch(deadline);
    this.#callbacks.probe();
  }
}
