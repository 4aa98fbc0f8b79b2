/** A clock that a test drives. @module */

import { checkNumber } from "../core/checks.ts";
import type { Clock } from "../core/clock.ts";
import { queuedTasks, queueTask } from "../core/task.ts";

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Number of timers that may fire, or tasks that may follow from each other, at the same time. */
const MAX_AT_ONCE = 50_000;

/** Milliseconds by which sums of fractions may be off. */
const TOLERANCE = 1e-6;

/**
 * A clock that stands still until {@linkcode FakeClock.advance} is called. Give it to
 * {@linkcode pair}, to {@linkcode scriptedServer}, and to the `connect()` or `reconnect()` under test:
 * latency, time limits, heartbeats and waits then use it, and a test of an hour takes a millisecond.
 *
 * The test drives only time. What takes no time, for instance an event that fires in the next task,
 * happens by itself: `await` it, or let `advance(0)` wait until no more tasks follow.
 *
 * @example
 * ```ts
 * import { FakeClock, pair } from "@isosocket/isosocket/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * const { client, server } = pair({ clock, latency: 50 });
 * const heard: unknown[] = [];
 * server.onmessage = (event) => heard.push(event.data);
 * client.onopen = () => client.send("hello");
 * await clock.advance(149); // 50 ms there, 50 back, and 49 there
 * assert.deepEqual(heard, []);
 * await clock.advance(1);
 * assert.deepEqual(heard, ["hello"]);
 * ```
 */
export class FakeClock implements Clock {
  #now = 1_000_000;
  readonly #timers: Set<Timer> = new Set();
  /** Last of the pending calls of `advance()` and `sleep()`, which run one after another. */
  #last: Promise<void> = Promise.resolve();

  /** Returns the time, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /**
   * Sets a timer.
   *
   * @param milliseconds Time until the call; negative numbers count as 0.
   * @param callback Function to call.
   * @returns Function that cancels the timer.
   */
  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Milliseconds until each timer is due, in ascending order. */
  get timers(): number[] {
    return [...this.#timers].map(({ due }) => due - this.#now).toSorted((a, b) => a - b);
  }

  /**
   * Lets time pass. Each timer fires when it is due, and all that follows from it happens before the
   * next one: events, what their listeners send, and their promises. `advance(0)` fires the timers
   * that are due now.
   *
   * It does not wait for operations that use neither this clock nor the library's tasks, such as
   * reading a Blob or a file: await the event that follows from them.
   *
   * @param milliseconds Time to pass.
   * @returns Resolves when nothing more follows at that time.
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
   * Lets time pass as while a machine sleeps or a page is frozen: timers that become due meanwhile
   * fire late, at the end.
   *
   * @param milliseconds Time to pass.
   * @returns Resolves when nothing more follows at that time.
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

  /** Fires the timers that `next` returns, one after another. */
  async #pass(milliseconds: number, next: (end: number) => Timer | undefined): Promise<void> {
    checkNumber("let pass", milliseconds);
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
      if (timer.due <= end + TOLERANCE && (first === undefined || timer.due < first.due)) {
        first = timer;
      }
    }
    return first;
  }
}

/**
 * Waits until no more tasks follow from each other: until two turns in a row queue none, since promises
 * may run between them.
 */
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
