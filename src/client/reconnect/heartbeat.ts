/** How a client notices that its connection is dead, where it can neither ping nor be told. @module */

import type { Clock } from "../../core/clock.ts";
import { checkTimeout } from "../../core/checks.ts";

/** Difference of two times that is none, in milliseconds: they are not whole numbers. */
const ROUNDING = 1e-3;

/** When a connection is taken to be dead. */
export interface HeartbeatOptions {
  /** After how much silence to ask for a sign of life, in milliseconds. */
  every: number;
  /** How long to wait for one, in milliseconds. */
  deadline: number;
  /**
   * What to ask with: a message that the server answers with any message. Without it nothing is
   * sent, and the server must send something at least that often.
   *
   * @default {undefined}
   */
  message?: string | ArrayBuffer | ArrayBufferView | Blob;
}

/** What a heartbeat does to its connection. */
export interface HeartbeatCallbacks {
  /** Asks for a sign of life. */
  ask(): void;
  /** Gives the connection up. */
  dead(): void;
}

/**
 * Watches one connection. It goes by timestamps: a timer of a machine that slept, or of a page that
 * was frozen, comes late, and lateness is no proof of death, as what arrived meanwhile may not have
 * been told yet. So a late timer asks once more.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #options: HeartbeatOptions;
  readonly #patient: HeartbeatCallbacks;
  #heard: number;
  /** When the sign of life is due. */
  #due: number | undefined;
  /** It was asked for a second time. */
  #again = false;
  #cancel: (() => void) | undefined;

  /** Begins to watch. */
  constructor(clock: Clock, options: HeartbeatOptions, patient: HeartbeatCallbacks) {
    this.#clock = clock;
    this.#options = options;
    this.#patient = patient;
    this.#heard = clock.now();
    this.#watch(options.every);
  }

  /** Checks the options. */
  static check({ every, deadline }: HeartbeatOptions): void {
    checkTimeout("heartbeat.every", every);
    checkTimeout("heartbeat.deadline", deadline);
  }

  /** Something arrived. */
  heard(): void {
    this.#heard = this.#clock.now();
    this.#again = false;
    if (this.#due === undefined) return; // the timer that runs will see it
    this.#due = undefined;
    this.#watch(this.#options.every);
  }

  /** The machine is awake, or the network is back: asks at once. */
  wake(): void {
    if (this.#due === undefined) return this.#ask();
    if (this.#clock.now() < this.#due || this.#again) return; // it was asked already
    this.#again = true;
    this.#ask();
  }

  /** Ends the watch. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(milliseconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(milliseconds, () => this.#look());
  }

  #look(): void {
    const now = this.#clock.now();
    const { every, deadline } = this.#options;
    if (this.#due === undefined) {
      const silence = Math.max(0, now - this.#heard); // clocks are set back
      // What is left by rounding alone would be no time at all, and again and again.
      if (every - silence > ROUNDING) this.#watch(every - silence);
      else this.#ask();
    } else if (now - this.#due > deadline && !this.#again) {
      this.#again = true;
      this.#ask();
    } else {
      this.stop();
      this.#patient.dead();
    }
  }

  #ask(): void {
    const { deadline } = this.#options;
    this.#due = this.#clock.now() + deadline;
    this.#watch(deadline);
    this.#patient.ask();
  }
}
