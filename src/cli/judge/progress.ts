/**
 * Output of the judge during a run: a progress bar on a terminal, plain lines elsewhere. @module
 */

import process from "node:process";
import { count, progressBar, resultLines } from "../../conformance/report/terminal.ts";
import { visible } from "../../conformance/report/visible.ts";
import type { Result } from "../../conformance/result.ts";

/** Prints the progress of runs. */
export interface Progress {
  /** Called when a run begins. */
  onStart(agent: string, total: number): void;

  /** Called when a case is over. */
  onResult(result: Result): void;

  /** Removes the bar. */
  clear(): void;
}

/** Milliseconds between drawings of the bar. */
const EVERY = 100;

/** Whether the output is a terminal, and colours are not disabled. */
export function wantsColour(): boolean {
  return (process.stdout.isTTY ?? false) && !process.env["NO_COLOR"];
}

/**
 * Starts printing progress.
 *
 * @param quiet Whether to print only failures and warnings.
 */
export function showProgress(quiet: boolean): Progress {
  const { stdout } = process;
  const isTerminal = stdout.isTTY ?? false;
  const results: Result[] = [];
  let total = 0;
  let begun = 0;
  let drawn = -Infinity;
  const clear = (): void => void (isTerminal && drawn > 0 && stdout.write("\r\x1b[K"));
  return {
    clear,
    onStart(agent: string, size: number): void {
      total += size;
      begun ||= performance.now();
      if (!quiet) stdout.write(`${visible(agent)}: ${size} cases\n`);
    },
    onResult(result: Result): void {
      results.push(result);
      const isRight = result.verdict === "pass" || result.verdict === "skip";
      if (!isRight || !(isTerminal || quiet)) {
        clear();
        stdout.write(`${resultLines(result, wantsColour())}\n`);
        drawn = -Infinity;
      }
      const now = performance.now();
      if (!isTerminal || now - drawn < EVERY) return;
      drawn = now;
      const [done, ms] = [results.length, now - begun];
      const bar = progressBar(done, total, count(results), ms, stdout.columns || 80);
      stdout.write(`\r\x1b[K${bar}`);
    },
  };
}
