/** The order in which a socket learns what happened: never during a call, and one by one. @module */

import { queueTask } from "./task.ts";

/**
 * Reasons to deliver nothing for a while: what is sent does not drain; what came is not read; the
 * program said so.
 */
export const CLOGGED = 1, UNREAD = 2, PAUSED = 4;

/**
 * Keeps reports of a runtime in their order. What comes during a call to the runtime waits for the
 * next task; while a program is not ready for more, all waits.
 */
export abstract class Order {
  /** Calls to the runtime under way. */
  #calls = 0;
  /** Reports that wait for a task of their own; `undefined` when there is nothing to wait for. */
  #held: (() => void)[] | undefined;
  #stopped = false;
  /** A task is on its way, or at work, that releases them. */
  #releasing = false;

  /** Whether a report has to wait. */
  protected get waits(): boolean {
    return this.#held !== undefined || this.#calls > 0;
  }

  /** Before a call to the runtime. */
  protected enter(): void {
    this.#calls++;
  }

  /** After it. */
  protected leave(): void {
    this.#calls--;
    if (this.#calls === 0 && this.#held !== undefined) this.#releaseLater();
  }

  /** Calls the runtime. What it reports meanwhile waits for the next task. */
  protected call(command: () => void): void {
    this.enter();
    try {
      command();
    } finally {
      this.leave();
    }
  }

  /** Lets a report wait for a task of its own. */
  protected hold(report: () => void): void {
    if (this.#held !== undefined) {
      this.#held.push(report);
      return;
    }
    this.#held = [report];
    if (this.#calls === 0) this.#releaseLater();
  }

  /** Lets all reports wait from now on. */
  protected stop(): void {
    this.#stopped = true;
    this.#held ??= [];
  }

  /** Lets them go on, in a later task. */
  protected go(): void {
    this.#stopped = false;
    this.#releaseLater();
  }

  /** Forgets what waits. */
  protected discard(): void {
    this.#stopped = false;
    this.#held = undefined;
  }

  #releaseLater(): void {
    if (this.#releasing) return;
    this.#releasing = true;
    queueTask(() => {
      this.#release();
      this.#releasing = false;
      if (this.#held !== undefined && !this.#stopped) this.#releaseLater();
    });
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    let done = 0;
    while (this.#held === held && !this.#stopped) {
      if (done === held.length) this.#held = undefined;
      else held[done++]!();
    }
    held.splice(0, done); // what is left after a stop
  }
}
