/** Source of time: the system's, or a test's. @module */

/** Source of time. */
export interface Clock {
  /**
   * Returns the time in milliseconds. It must go on while the machine sleeps, as `Date.now()` does and
   * `performance.now()` does not everywhere.
   */
  now(): number;
  /**
   * Calls a function after some milliseconds.
   *
   * @returns A function that cancels the call.
   */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Clock of the system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
