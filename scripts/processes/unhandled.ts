/**
 * Unhandled errors of processes that tests and scripts start, found in what the runtime prints.
 *
 * @module
 */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

/** Lines that runtimes print first or last for an error that ends the process. */
const PRINTS: readonly RegExp[] = [
  /^error: Uncaught/m, // Deno, for rejections too
  /^(?:Uncaught|Node\.js v\d|Bun v\d)/m,
  /Unhandled ?(?:Promise ?)?(?:Rejection|error)/i,
];

/** Number of characters of a process's output that are kept. */
const KEPT = 64 * 1024;

/**
 * Finds an unhandled rejection or an uncaught exception in the output of a process.
 *
 * @returns The text without colours; `undefined` if it shows none.
 */
export function unhandledIn(text: string): string | undefined {
  const plain = stripVTControlCharacters(text);
  return PRINTS.some((print) => print.test(plain)) ? plain.trim() : undefined;
}

/**
 * Makes this process fail when another one prints an unhandled rejection or an uncaught exception:
 * the error is thrown uncaught, so that the test runner fails.
 *
 * @param child Its stderr must be a pipe. Others may read it too.
 * @param forward Whether stderr also goes to the one of this process. Default: false.
 * @returns The same process.
 */
export function watch<T extends ChildProcess>(child: T, forward = false): T {
  const { stderr, spawnfile, spawnargs } = child;
  if (stderr === null) throw new TypeError("Cannot watch a process: its stderr must be a pipe");
  let text = "";
  let isFound = false;
  stderr.on("data", (chunk: Uint8Array | string) => {
    if (forward) process.stderr.write(chunk);
    text = (text + chunk).slice(-KEPT);
    const found = isFound ? undefined : unhandledIn(text);
    if (found === undefined) return;
    isFound = true;
    const command = [spawnfile, ...spawnargs.slice(1)].join(" ");
    queueMicrotask(() => {
      throw new Error(`A process did not handle an error: ${command}\n${found}`);
    });
  });
  return child;
}
