/**
 * Time at which octets last moved on a connection; shared by the parts that read, write and wait.
 *
 * @module
 */

/** The activity of one connection, in either direction. */
export class Activity {
  #movedAt = performance.now();
  #wake: (() => void) | undefined;

  /** Records that octets have moved, or are about to. */
  touch(): void {
    this.#movedAt = performance.now();
  }

  /** Milliseconds since octets last moved. */
  get idleFor(): number {
    return performance.now() - this.#movedAt;
  }

  /** Makes the pending {@linkcode Activity.until} check its condition again. */
  notify(): void {
    this.#wake?.();
  }

  /**
   * Waits until a condition holds: as long as octets keep moving, and `within` ms of silence
   * beyond. Only one call may be pending at a time.
   */
  async until(holds: () => boolean, within: number): Promise<void> {
    const begun = performance.now();
    while (!holds()) {
      const now = performance.now();
      // However much moves: nothing that a case waits for takes ten times as long.
      const until = Math.min(Math.max(this.#movedAt, begun) + within, begun + 10 * within);
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
