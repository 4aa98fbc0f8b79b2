/** Checks of numbers that a user gave. @module */

/**
 * Checks a time limit in milliseconds.
 *
 * @throws {RangeError} If it is negative, no number, or longer than timers can wait.
 */
export function checkTimeout(name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 0x7fffffff)) { // beyond, timers fire at once
    throw new RangeError(`Cannot use ${name} ${value}: it must be between 0 and 2147483647 ms`);
  }
  return value;
}

/**
 * Checks a number that counts something.
 *
 * @throws {RangeError} If it is no number, or less than `least`.
 */
export function checkCount(name: string, value: number, least: number): number {
  if (typeof value !== "number" || !(value >= least)) {
    throw new RangeError(`Cannot use ${name} ${value}: it must be ${least} or more`);
  }
  return value;
}
