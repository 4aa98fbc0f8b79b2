/** `node:assert/strict` in a page: the functions that the rules and the tests of ./testing use. @module */

class AssertionError extends Error {
  override name = "AssertionError";
}

function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof ArrayBuffer) return isSame(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right] = [a, b] as Record<string, unknown>[];
  return keys.every((key) => Object.hasOwn(b, key) && isSame(left![key], right![key]));
}

function fail(problem: string, message?: string): never {
  throw new AssertionError(message === undefined ? problem : `${message}: ${problem}`);
}

function ok(value: unknown, message?: string): asserts value {
  if (!value) fail(`${shown(value)} is not truthy`, message);
}

function equal(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) fail(`${shown(actual)} is not ${shown(expected)}`, message);
}

function deepEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!isSame(actual, expected)) fail(`${shown(actual)} is not ${shown(expected)}`, message);
}

/** Expected error: a class, a pattern for its text, an object of members, or a predicate. */
type Expected =
  | RegExp
  | (new (...args: never[]) => unknown)
  | ((error: unknown) => boolean)
  | object;

function check(error: unknown, expected: Expected | undefined, message?: string): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) return ok(expected.test(String(error)), message);
  if (typeof expected !== "function") {
    const wanted = expected instanceof Error
      ? { name: expected.name, message: expected.message }
      : expected;
    for (const [key, value] of Object.entries(wanted)) {
      const actual = (error as Record<string, unknown>)[key];
      if (value instanceof RegExp) ok(value.test(String(actual)), message);
      else deepEqual(actual, value, message ?? key);
    }
    return;
  }
  if (expected.prototype !== undefined && error instanceof expected) return;
  ok((expected as (error: unknown) => boolean)(error), message);
}

function match(actual: string, pattern: RegExp, message?: string): void {
  if (!pattern.test(actual)) fail(`${shown(actual)} does not match ${pattern}`, message);
}

function throws(act: () => unknown, expected?: Expected, message?: string): void {
  try {
    act();
  } catch (error) {
    return check(error, expected, message);
  }
  fail("it did not throw", message);
}

async function rejects(
  act: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected,
  message?: string,
): Promise<void> {
  try {
    await (typeof act === "function" ? act() : act);
  } catch (error) {
    return check(error, expected, message);
  }
  fail("it did not reject", message);
}

/** The assertions. */
const assert = Object.assign(ok, {
  ok,
  equal,
  deepEqual,
  match,
  throws,
  rejects,
  fail: (message: string) => fail(message),
});
export default assert;
