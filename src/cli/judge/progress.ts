/** What the judge shows while it runs: a bar on a terminal, plain lines elsewhere. @module */

import process from "node:process";
import { count, progressBar, resultLines } from "../../conformance/report/terminal.ts";
import { visible } from "../../conformance/report/visible.ts";
import type { Result } from "../../conformance/result.ts";

/** Takes what a run reports. */
export interface Teller {
  /** A run begins. */
  onStart(agent: string, total: number): void;

  /** A case is over. */
  onResult(result: Result): void;

  /** Takes the bar away. */
  clear(): void;
}

/** How often the bar is drawn, in ms. */
const EVERY = 100;

/** Whether the output is a terminal that wants colours. */
export function wantsColour(): boolean {
  return (process.stdout.isTTY ?? false) && !process.env["NO_COLOR"];
}

/**
 * Begins to show a run.
 *
 * @param quiet Leaves out what went well.
 */
export function showProgress(quiet: boolean): Teller {
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
