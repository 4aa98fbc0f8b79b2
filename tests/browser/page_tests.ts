/** `node:test` in a page: tests are only registered, and run by name. @module */

const tests: Map<string, () => unknown> = new Map();

/** Declares a test. */
export function test(title: string, body: () => unknown): void {
  tests.set(title, body);
}

/** Returns the titles of the declared tests. */
export function titles(): string[] {
  return [...tests.keys()];
}

/** Runs a test; rejects if it fails. */
export async function run(title: string): Promise<void> {
  await tests.get(title)!();
}
