/** Time that a test drives. @module */

import type { Clock } from "../core/clock.ts";
import { queuedTasks, queueTask } from "../core/task.ts";

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** How many timers may come due, or tasks follow from each other, without time going on. */
const MAX_AT_ONCE = 50_000;

/** ms: what sums of fractions may be off by. */
const NOTHING = 1e-6;

/**
 * A clock that stands still until it is told to go on. Give it to {@linkcode pair}, to
 * {@linkcode scriptedServer}, and to the `connect()` or `reconnect()` under test: then latency, time
 * limits, heartbeats and waits all go by it, and a test of an hour takes a millisecond.
 *
 * Only time is in the test's hands. What takes none, as an event that is told in a task of its own,
 * happens as it always does: `await` it, or let `advance(0)` wait until all is quiet.
 *
 * @example
 * ```ts
 * import { FakeClock, pair } from "@isosocket/isosocket/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const { client, server } = pair({ clock, latency: 50 });
 * const heard: unknown[] = [];
 * server.onmessage = (event) => heard.push(event.data);
 * client.onopen = () => client.send("hello");
 * await clock.advance(149); // 50 ms there, 50 back, and 49 there
 * assertEquals(heard, []);
 * await clock.advance(1);
 * assertEquals(heard, ["hello"]);
 * ```
 */
export class FakeClock implements Clock {
  #now = 1_000_000;
  readonly #timers: Set<Timer> = new Set();
  /** The last of the calls that let time pass: they come one after another. */
  #last: Promise<void> = Promise.resolve();

  /** The time, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /**
   * Calls back when the time has come.
   *
   * @param milliseconds How long to wait.
   * @param callback What to call.
   * @returns What takes the call back.
   */
  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How long until each timer, in milliseconds, the next first. */
  get timers(): number[] {
    return [...this.#timers].map(({ due }) => due - this.#now).toSorted((a, b) => a - b);
  }

  /**
   * Lets time pass. Each timer is called when it is due, and what follows from it happens before the
   * next: events, what their listeners send, and what they promise. `advance(0)` lets happen what is
   * due by now.
   *
   * It cannot know of what needs neither this clock nor a task, as a Blob that is read or a file:
   * wait for the event that follows from that.
   *
   * @param milliseconds How long.
   * @returns Resolves when all is quiet.
   * @throws {RangeError} If it is negative or no number.
   */
  advance(milliseconds: number): Promise<void> {
    return this.#pass(milliseconds, (end) => {
      const next = this.#next(end);
      if (next !== undefined) this.#now = Math.max(this.#now, next.due);
      return next;
    });
  }

  /**
   * Lets time pass as in sleep: the machine's, or a page's that is frozen. Timers that were due
   * meanwhile are called late, at the end.
   *
   * @param milliseconds How long.
   * @returns Resolves when all is quiet.
   * @throws {RangeError} If it is negative or no number.
   */
  sleep(milliseconds: number): Promise<void> {
    let late: Timer[] | undefined;
    return this.#pass(milliseconds, (end) => {
      this.#now = end;
      late ??= [...this.#timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due);
      while (late.length > 0 && !this.#timers.has(late[0]!)) late.shift();
      return late.shift();
    });
  }

  /** Calls one timer after another, as long as there is one. */
  async #pass(milliseconds: number, next: (end: number) => Timer | undefined): Promise<void> {
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new RangeError(`Cannot let ${milliseconds} ms pass: it must be 0 or more`);
    }
    const pass = async (): Promise<void> => {
      await quiet();
      const end = this.#now + milliseconds;
      let count = 0;
      for (let before = this.#now, timer; (timer = next(end)) !== undefined; before = this.#now) {
        count = this.#now === before ? count + 1 : 0;
        if (count > MAX_AT_ONCE) {
          throw new Error("Cannot let time pass: timers set timers that are due at once, for ever");
        }
        this.#timers.delete(timer);
        timer.callback();
        await quiet();
      }
      this.#now = Math.max(this.#now, end);
    };
    const passed = this.#last.then(pass);
    this.#last = passed.catch(() => {});
    await passed;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end + NOTHING && (first === undefined || timer.due < first.due)) {
        first = timer;
      }
    }
    return first;
  }
}

/** Waits until no task follows from another any more: twice, as promises may have the turn between. */
async function quiet(): Promise<void> {
  for (let quietTurns = 0, turns = 0; quietTurns < 2; turns++) {
    const before = queuedTasks;
    await turn();
    quietTurns = queuedTasks === before + 1 ? quietTurns + 1 : 0;
    if (turns > MAX_AT_ONCE) {
      throw new Error("Cannot let time pass: tasks follow from tasks, for ever");
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}
