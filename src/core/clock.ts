/** Time: the system's, or a test's. @module */

/** Where time comes from. */
export interface Clock {
  /**
   * The time in milliseconds. It must go on while the machine sleeps, as `Date.now()` does and
   * `performance.now()` does not everywhere.
   */
  now(): number;
  /**
   * Calls back after so many milliseconds.
   *
   * @returns What takes the call back.
   */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The time of the system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
