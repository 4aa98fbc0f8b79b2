/** The time of a server's sockets: one timer for all, while there are some. @module */

import { type Clock, systemClock } from "../core/clock.ts";

/** How many beats things take; 0 for never. */
export interface LivenessTicks {
  /** Between Pings to a quiet peer. */
  readonly heartbeat: number;
  /** Until a peer that gives no sign of life is taken for dead. */
  readonly idle: number;
}

/** What is told of time. */
interface LivenessMember {
  tick(beats: LivenessTicks): void;
}

/** ms: the longest beat. */
const LONGEST = 5000;

/** Tells sockets that time has passed. A beat is a quarter of the shorter of two limits. */
export class LivenessTimer {
  readonly #members: Set<LivenessMember> = new Set();
  readonly #beats: LivenessTicks;
  readonly #period: number;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  /** Takes two limits in milliseconds; 0 for none. */
  constructor(heartbeat: number, idleTimeout: number, clock: Clock = systemClock) {
    this.#clock = clock;
    const shorter = Math.min(heartbeat || Infinity, idleTimeout || Infinity);
    this.#period = shorter === Infinity ? 0 : Math.min(Math.max(1, shorter / 4), LONGEST);
    this.#beats = {
      heartbeat: Math.round(heartbeat / this.#period),
      idle: Math.ceil(idleTimeout / this.#period),
    };
  }

  /** From now on it is told. */
  add(member: LivenessMember): void {
    if (this.#period === 0) return;
    this.#members.add(member);
    this.#cancel ??= this.#clock.after(this.#period, () => this.#beat());
  }

  /** It is told no more. */
  delete(member: LivenessMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#cancel?.(); // it would keep the process alive
    this.#cancel = undefined;
  }

  #beat(): void {
    this.#cancel = this.#clock.after(this.#period, () => this.#beat());
    for (const member of this.#members) member.tick(this.#beats);
  }
}
