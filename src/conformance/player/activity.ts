/**
 * Time at which octets last moved on a connection; shared by the parts that read, write and wait.
 *
 * @module
 */

import { lateness } from "./lateness.ts";

/** Number of times that a wait may be prolonged by, as the judge itself was late. */
const MOST_LATE = 3;

/** The activity of one connection, in either direction. */
export class Activity {
  #movedAt = performance.now();
  #lateThen = lateness();
  #wake: (() => void) | undefined;

  /** Records that octets have moved, or are about to. */
  touch(): void {
    this.#movedAt = performance.now();
    this.#lateThen = lateness();
  }

  /** Milliseconds since octets last moved, without the judge's own lateness. */
  get idleFor(): number {
    return performance.now() - this.#movedAt - (lateness() - this.#lateThen);
  }

  /** Makes the pending {@linkcode Activity.until} check its condition again. */
  notify(): void {
    this.#wake?.();
  }

  /**
   * Waits until a condition holds: as long as octets keep moving, and `within` ms of silence
   * beyond. Time in which the judge itself was late is no silence. Only one call may be pending at
   * a time.
   */
  async until(holds: () => boolean, within: number): Promise<void> {
    const begun = performance.now();
    const lateBefore = lateness();
    while (!holds()) {
      const now = performance.now();
      // However much moves: nothing that a case waits for takes ten times as long.
      const silence = Math.min(Math.max(this.#movedAt, begun) + within, begun + 10 * within);
      const late = Math.min(lateness() - lateBefore, MOST_LATE * within);
      const until = silence + late;
      if (now >= until) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - now);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }
}
