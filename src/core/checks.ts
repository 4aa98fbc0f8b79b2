/** Checks of numbers and signals that a user gave. @module */

/** Returns what a value is, in words: `"a string"`, `"an array"`, `"null"`. */
export function kindOf(value: unknown): string {
  const type = Array.isArray(value) ? "array" : typeof value;
  return value === null || value === undefined
    ? `${value}`
    : /^[ao]/.test(type)
    ? `an ${type}`
    : `a ${type}`;
}

/**
 * Checks that an option is a number. Environment variables, queries and forms are strings.
 *
 * @param what What cannot be done with it, for the message: `"use timeout"`.
 * @throws {TypeError} If it is none.
 */
export function checkNumber(what: string, value: unknown): void {
  if (typeof value === "number") return;
  if (Object(value) === value || typeof value === "bigint" || typeof value === "symbol") {
    throw new TypeError(`Cannot ${what}: it must be a number, and is ${kindOf(value)}`);
  }
  const shown = typeof value === "string" ? `"${value}", a string` : value;
  throw new TypeError(`Cannot ${what} ${shown}: it must be a number`);
}

/**
 * Checks the option `signal`, and throws its reason if it is aborted.
 *
 * @throws {TypeError} If it is no `AbortSignal`: for instance, the controller of one.
 */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    const hint = Object(signal).signal === undefined ? "" : " that has one: signal.signal is meant";
    throw new TypeError(
      `Cannot use signal: it must be an AbortSignal, and is ${kindOf(signal)}${hint}`,
    );
  }
  signal?.throwIfAborted();
}

/**
 * Checks a time limit in milliseconds.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is negative, `NaN`, or longer than timers can wait.
 */
export function checkTimeout(name: string, value: number): number {
  checkNumber(`use ${name}`, value);
  if (!(value >= 0 && value <= 0x7fffffff)) { // beyond, timers fire at once
    throw new RangeError(`Cannot use ${name} ${value}: it must be between 0 and 2147483647 ms`);
  }
  return value;
}

/**
 * Checks a number that counts something.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is less than `least`, or `NaN`.
 */
export function checkCount(name: string, value: number, least: number): number {
  checkNumber(`use ${name}`, value);
  if (!(value >= least)) {
    throw new RangeError(`Cannot use ${name} ${value}: it must be ${least} or more`);
  }
  return value;
}
