/** One direction of a connection in memory. @module */

import { queueTask } from "../../core/task.ts";
import type { Way } from "./faults.ts";

interface Parcel {
  readonly bytes: number;
  readonly arrive: () => void;
}

/** Who keeps parcels from arriving: a test, or the end that reads. */
export type Holder = "test" | "reader";

/** Carries things one way, in order: each leaves when the reader has taken it, and arrives later. */
export class Pipe {
  /** Bytes that have left. */
  #passed = 0;

  readonly #way: Way;
  readonly #broken: () => void;
  /** Bytes until it breaks; less than 0 if it has. */
  #whole: number;
  /** What has not left yet. The first may be half taken. */
  #waiting: Parcel[] = [];
  #bytesWaiting = 0;
  /** Bytes of the first that were taken until `#since`. */
  #taken = 0;
  #since = 0;
  /** Takes back the timer of the first. */
  #cancelLeaving: (() => void) | undefined;
  /** What has left and not arrived. */
  #flying: Parcel[] = [];
  /** When the last of it arrives. */
  #arrival = 0;
  /** How much of it could arrive, if it were not held. */
  #landed = 0;
  readonly #cancels: Set<() => void> = new Set();
  readonly #holders: Set<Holder> = new Set();
  #over = false;

  /**
   * Makes an empty pipe.
   *
   * @param broken Told when it breaks in the middle of a parcel.
   */
  constructor(way: Way, broken: () => void) {
    this.#way = way;
    this.#whole = way.cutAt;
    this.#broken = broken;
  }

  /** Bytes that have not left. */
  get waiting(): number {
    return this.#bytesWaiting - this.#progress();
  }

  /** Bytes that have left. */
  get passed(): number {
    return this.#passed + this.#progress();
  }

  /** Sends something. */
  send(bytes: number, arrive: () => void): void {
    if (this.#over) return;
    this.#bytesWaiting += bytes;
    const whole = this.#whole;
    if (whole < 0) return;
    this.#whole -= bytes;
    this.#waiting.push(
      bytes > whole ? { bytes: whole, arrive: this.#broken } : { bytes, arrive },
    );
    this.#leave();
  }

  /** Lets nothing leave or arrive. */
  hold(by: Holder): void {
    this.#holders.add(by);
    this.#taken = this.#progress();
    this.#cancelLeaving?.();
    this.#cancelLeaving = undefined;
  }

  /** Goes on, unless somebody else holds it. */
  release(by: Holder): void {
    this.#holders.delete(by);
    const landed = this.#landed;
    this.#landed = 0;
    for (let i = 0; i < landed; i++) queueTask(() => this.#land());
    this.#leave();
  }

  /** Forgets all that has not arrived; what is sent from now on is lost. */
  end(): void {
    const { waiting } = this;
    this.#over = true;
    this.#cancelLeaving?.();
    this.#cancelLeaving = undefined;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#waiting = [];
    this.#flying = [];
    this.#taken = 0;
    this.#bytesWaiting = waiting; // it has not left
  }

  /** The same, but nobody can tell from what waits. */
  vanish(): void {
    this.end();
    this.#bytesWaiting = 0;
  }

  /** How much of the first is taken. */
  #progress(): number {
    if (this.#cancelLeaving === undefined) return this.#taken;
    const { clock, rate } = this.#way;
    const passed = Math.max(0, clock.now() - this.#since); // clocks are set back
    return Math.min(this.#waiting[0]!.bytes, this.#taken + Math.floor(passed * rate / 1000));
  }

  #leave(): void {
    const { clock, rate } = this.#way;
    while (this.#cancelLeaving === undefined && this.#holders.size === 0) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const time = (first.bytes - this.#taken) / rate * 1000;
      if (time === 0) {
        this.#fly();
        continue;
      }
      this.#since = clock.now();
      this.#cancelLeaving = clock.after(time, () => {
        this.#cancelLeaving = undefined;
        this.#fly();
        this.#leave();
      });
    }
  }

  #fly(): void {
    const parcel = this.#waiting.shift()!;
    this.#taken = 0;
    this.#bytesWaiting -= parcel.bytes;
    this.#passed += parcel.bytes;
    this.#flying.push(parcel);
    const { clock, latency, jitter, random } = this.#way;
    const now = clock.now();
    // What left later does not arrive earlier.
    const arrival = Math.max(this.#arrival, now + latency + (jitter === 0 ? 0 : random() * jitter));
    this.#arrival = arrival;
    if (latency === 0 && jitter === 0) {
      queueTask(() => this.#land());
      return;
    }
    const cancel = clock.after(arrival - now, () => {
      this.#cancels.delete(cancel);
      this.#land();
    });
    this.#cancels.add(cancel);
  }

  /** The next one arrives, whichever it is. */
  #land(): void {
    if (this.#over) return;
    if (this.#holders.size > 0) this.#landed++;
    else this.#flying.shift()!.arrive();
  }
}
