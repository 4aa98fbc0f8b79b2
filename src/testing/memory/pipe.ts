/** One direction of a connection in memory. @module */

import { queueTask } from "../../core/task.ts";
import type { DirectionFaults } from "./faults.ts";

/** Item that is sent: the number of bytes that it counts for, and the call that delivers it. */
interface Item {
  readonly bytes: number;
  readonly deliver: () => void;
}

/** Reason for which nothing is delivered: the test stalls the pipe, or the reading end pauses. */
export type Holder = "test" | "reader";

/**
 * A queue with the faults of one direction. An item waits until the reader has taken it, at
 * `slowReader` bytes per second; then it is in flight, for `latency` and `jitter`; then it is
 * delivered. The order stays.
 */
export class Pipe {
  readonly #faults: DirectionFaults;
  readonly #cut: () => void;
  /** Number of bytes until the connection breaks; less than 0 if it has broken. */
  #bytesUntilCut: number;
  /** Items that wait. The first may be half taken. */
  #queue: Item[] = [];
  #bytesWaiting = 0;
  /** Number of bytes of items that have left the queue. */
  #bytesPassed = 0;
  /** Number of bytes of the first item that were taken until `#takingSince`. */
  #bytesTaken = 0;
  #takingSince = 0;
  /** Cancels the timer of the first item. */
  #cancelTaking: (() => void) | undefined;
  /** Items in flight. */
  #inFlight: Item[] = [];
  /** Time at which the last of them arrives. */
  #lastArrival = 0;
  /** Number of items in flight that have arrived while the pipe is held. */
  #heldArrivals = 0;
  /** Cancel the timers of items in flight. */
  readonly #cancels: Set<() => void> = new Set();
  readonly #holders: Set<Holder> = new Set();
  #over = false;

  /**
   * Makes an empty pipe.
   *
   * @param cut Called when the connection breaks, in the middle of an item.
   */
  constructor(faults: DirectionFaults, cut: () => void) {
    this.#faults = faults;
    this.#bytesUntilCut = faults.cutAt;
    this.#cut = cut;
  }

  /** Number of bytes that the reader has not taken. */
  get bytesWaiting(): number {
    return this.#bytesWaiting - this.#taken();
  }

  /** Number of bytes that the reader has taken. */
  get bytesPassed(): number {
    return this.#bytesPassed + this.#taken();
  }

  /** Appends an item. */
  send(bytes: number, deliver: () => void): void {
    if (this.#over) return;
    this.#bytesWaiting += bytes;
    const left = this.#bytesUntilCut;
    if (left < 0) return;
    this.#bytesUntilCut -= bytes;
    this.#queue.push(bytes > left ? { bytes: left, deliver: this.#cut } : { bytes, deliver });
    this.#take();
  }

  /** Stops taking and delivering items. */
  hold(by: Holder): void {
    this.#holders.add(by);
    this.#bytesTaken = this.#taken();
    this.#cancelTaking?.();
    this.#cancelTaking = undefined;
  }

  /** Resumes, unless another holder is left. */
  release(by: Holder): void {
    this.#holders.delete(by);
    const arrivals = this.#heldArrivals;
    this.#heldArrivals = 0;
    for (let i = 0; i < arrivals; i++) queueTask(() => this.#arrive());
    this.#take();
  }

  /** Discards all that is not delivered, and all that is sent from now on. */
  end(): void {
    const { bytesWaiting } = this;
    this.#over = true;
    this.#cancelTaking?.();
    this.#cancelTaking = undefined;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#queue = [];
    this.#inFlight = [];
    this.#bytesTaken = 0;
    this.#bytesWaiting = bytesWaiting; // was not taken
  }

  /** Discards the same, without a trace in `bytesWaiting`. */
  vanish(): void {
    this.end();
    this.#bytesWaiting = 0;
  }

  /** Returns the number of bytes of the first item that are taken. */
  #taken(): number {
    if (this.#cancelTaking === undefined) return this.#bytesTaken;
    const { clock, rate } = this.#faults;
    const passed = Math.max(0, clock.now() - this.#takingSince); // clocks are set back
    return Math.min(this.#queue[0]!.bytes, this.#bytesTaken + Math.floor(passed * rate / 1000));
  }

  #take(): void {
    const { clock, rate } = this.#faults;
    while (this.#cancelTaking === undefined && this.#holders.size === 0) {
      const [first] = this.#queue;
      if (first === undefined) return;
      const time = (first.bytes - this.#bytesTaken) / rate * 1000;
      if (time === 0) {
        this.#launch();
        continue;
      }
      this.#takingSince = clock.now();
      this.#cancelTaking = clock.after(time, () => {
        this.#cancelTaking = undefined;
        this.#launch();
        this.#take();
      });
    }
  }

  /** Moves the first item from the queue into flight. */
  #launch(): void {
    const item = this.#queue.shift()!;
    this.#bytesTaken = 0;
    this.#bytesWaiting -= item.bytes;
    this.#bytesPassed += item.bytes;
    this.#inFlight.push(item);
    const { clock, latency, jitter, random } = this.#faults;
    const now = clock.now();
    const flight = latency + (jitter === 0 ? 0 : random() * jitter);
    // No item arrives before one that was sent earlier.
    const arrival = Math.max(this.#lastArrival, now + flight);
    this.#lastArrival = arrival;
    if (latency === 0 && jitter === 0) {
      queueTask(() => this.#arrive());
      return;
    }
    const cancel = clock.after(arrival - now, () => {
      this.#cancels.delete(cancel);
      this.#arrive();
    });
    this.#cancels.add(cancel);
  }

  /** Delivers the first item in flight, whichever item's timer has called. */
  #arrive(): void {
    if (this.#over) return;
    if (this.#holders.size > 0) this.#heldArrivals++;
    else this.#inFlight.shift()!.deliver();
  }
}
