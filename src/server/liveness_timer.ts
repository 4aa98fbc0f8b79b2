/** One timer for the heartbeat and the idle timeout of all sockets of a server. @module */

import { type Clock, systemClock } from "../core/clock.ts";

/** Numbers of ticks; 0 for never. */
export interface LivenessTicks {
  /** Ticks between Pings to a silent peer. */
  readonly heartbeat: number;
  /** Ticks of silence after which a peer is considered dead. */
  readonly idle: number;
}

/** Receiver of ticks. */
interface LivenessMember {
  tick(ticks: LivenessTicks): void;
}

/** Maximum time between two ticks, in milliseconds. */
const MAX_PERIOD = 5000;

/**
 * Calls its members at regular intervals, while there are any. The interval is a quarter of the
 * shorter of the two limits.
 */
export class LivenessTimer {
  readonly #members: Set<LivenessMember> = new Set();
  readonly #ticks: LivenessTicks;
  readonly #period: number;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  /** Takes the two limits in milliseconds; 0 for none. */
  constructor(heartbeat: number, idleTimeout: number, clock: Clock = systemClock) {
    this.#clock = clock;
    const shorter = Math.min(heartbeat || Infinity, idleTimeout || Infinity);
    this.#period = shorter === Infinity ? 0 : Math.min(Math.max(1, shorter / 4), MAX_PERIOD);
    this.#ticks = {
      heartbeat: Math.round(heartbeat / this.#period),
      idle: Math.ceil(idleTimeout / this.#period),
    };
  }

  /** Adds a member. */
  add(member: LivenessMember): void {
    if (this.#period === 0) return;
    this.#members.add(member);
    this.#cancel ??= this.#clock.after(this.#period, () => this.#tick());
  }

  /** Removes a member. */
  delete(member: LivenessMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#cancel?.(); // it would keep the process alive
    this.#cancel = undefined;
  }

  #tick(): void {
    this.#cancel = this.#clock.after(this.#period, () => this.#tick());
    for (const member of this.#members) member.tick(this.#ticks);
  }
}
