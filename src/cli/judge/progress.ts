/**
 * Output of the judge during a run: a progress bar on a terminal, plain lines elsewhere. @module
 */

import process from "node:process";
import { count, progressBar, resultLines } from "../../conformance/report/terminal.ts";
import { casesInWords } from "../../conformance/report/tally.ts";
import { clip, visible } from "../../conformance/report/visible.ts";
import type { Result } from "../../conformance/result.ts";

/** Prints the progress of runs. */
export interface Progress {
  /** Called when a run begins. */
  onStart(agent: string, total: number): void;

  /** Called when a case begins. */
  onPlay(id: string): void;

  /** Called when a case is over. */
  onResult(result: Result): void;

  /** Removes the bar. */
  clear(): void;
}

/** Milliseconds between drawings of the bar. */
const EVERY = 100;

/** Milliseconds between looks at what is slow, and after which a case is. */
const LOOK = 1000;
const SLOW = 2000;

/** The same where there is no bar: milliseconds after which a line says so, and says so again. */
const VERY_SLOW = 10_000;

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
  const underWay = new Map<string, { begun: number; told: number }>();
  const clear = (): void => void (isTerminal && drawn > 0 && stdout.write("\r\x1b[K"));

  const draw = (): void => {
    const now = performance.now();
    drawn = now;
    const [done, ms] = [results.length, now - begun];
    const columns = stdout.columns || 80;
    const [slow] = [...underWay].filter(([, one]) => now - one.begun > SLOW);
    const tail = slow === undefined
      ? ""
      : `  ${slow[0]}: ${Math.round((now - slow[1].begun) / 1000)} s`;
    const bar = progressBar(done, total, count(results), ms, Math.max(columns - tail.length, 60));
    stdout.write(`\r\x1b[K${clip(bar + visible(tail), columns - 1)}`);
  };

  /** Says what takes long. */
  const look = (): void => {
    if (isTerminal) return draw();
    const now = performance.now();
    for (const [id, one] of quiet ? [] : underWay) {
      if (now - one.told < VERY_SLOW) continue;
      one.told = now;
      const seconds = Math.round((now - one.begun) / 1000);
      stdout.write(`...  ${visible(id)} has taken ${seconds} s so far\n`);
    }
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    clear(): void {
      clearInterval(timer);
      clear();
    },
    onPlay(id: string): void {
      const now = performance.now();
      underWay.set(id, { begun: now, told: now });
    },
    onStart(agent: string, size: number): void {
      total += size;
      begun ||= performance.now();
      timer ??= setInterval(look, LOOK);
      if (!quiet) stdout.write(`${visible(agent)}: ${casesInWords(size)}\n`);
    },
    onResult(result: Result): void {
      results.push(result);
      underWay.delete(result.id);
      const isRight = result.verdict === "pass" || result.verdict === "skip";
      if (!isRight || !(isTerminal || quiet)) {
        clear();
        stdout.write(`${resultLines(result, wantsColour())}\n`);
        drawn = -Infinity;
      }
      if (isTerminal && performance.now() - drawn >= EVERY) draw();
    },
  };
}
