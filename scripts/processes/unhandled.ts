/**
 * Errors that nobody handled, in processes that tests and scripts start. Each runtime prints them in
 * its own way; what it prints is what is looked for.
 *
 * @module
 */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

/** Lines by which runtimes end what they print of an error that ends the process, or begin it. */
const PRINTS: readonly RegExp[] = [
  /^error: Uncaught/m, // Deno, of rejections too
  /^(?:Uncaught|Node\.js v\d|Bun v\d)/m,
  /Unhandled ?(?:Promise ?)?(?:Rejection|error)/i,
];

/** Number of characters that are kept of what a process prints. */
const KEPT = 64 * 1024;

/**
 * Finds an unhandled rejection or an uncaught exception in what a process printed.
 *
 * @returns The text without colours; `undefined` if it shows none.
 */
export function unhandledIn(text: string): string | undefined {
  const plain = stripVTControlCharacters(text);
  return PRINTS.some((print) => print.test(plain)) ? plain.trim() : undefined;
}

/**
 * Makes this process fail when another one prints an unhandled rejection or an uncaught exception:
 * the error is thrown where nobody catches it, and so the runner of the tests fails.
 *
 * @param child Its stderr must be a pipe. It is read here, which hinders nobody else.
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
