/** `node:test` for a page: tests wait there until they are called by name. @module */

const tests: Map<string, () => unknown> = new Map();

/** Declares a test. */
export function test(title: string, body: () => unknown): void {
  tests.set(title, body);
}

/** The tests that are declared. */
export function titles(): string[] {
  return [...tests.keys()];
}

/** Runs one; rejects if it fails. */
export async function run(title: string): Promise<void> {
  await tests.get(title)!();
}
