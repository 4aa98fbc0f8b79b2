/** `node:test` in a page that runs a file of tests/interop. @module */

import { run, test as declare, titles } from "./page_tests.ts";

/** Declares a test. Options say what other runtimes cannot do. */
export function test(title: string, ...[body, given]: [unknown, unknown?]): void {
  declare(title, (given ?? body) as () => unknown);
}

const problems: string[] = [];
addEventListener("error", (event) => void problems.push((event as ErrorEvent).message));
addEventListener("unhandledrejection", (event) => {
  problems.push(String((event as unknown as { reason: unknown }).reason));
});

const begun: (() => unknown)[] = [];

/** Declares what has to be done before the tests. */
export function before(task: () => unknown): void {
  begun.push(task);
}

/** Would do something after the tests: then the page is closed. */
export function after(): void {}

/** Runs all tests. Resolves with what went wrong, and with how many there were. */
export async function runAll(): Promise<readonly [number, ...string[]]> {
  for (const task of begun) await task();
  for (const title of titles()) {
    try {
      await run(title);
    } catch (error) {
      problems.push(`${title}: ${(error as Error)?.stack ?? error}`);
    }
  }
  return [titles().length, ...problems];
}

Object.assign(globalThis, { runAll });
