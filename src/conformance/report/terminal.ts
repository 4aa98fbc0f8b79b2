/**
 * Output during a run, for a terminal: a line for each result, a progress bar, a summary by
 * section.
 *
 * All functions return strings; the command line prints them.
 *
 * @module
 */

import type { Result, Run, Verdict } from "../result.ts";
import { findSection } from "../sections.ts";
import { compareSections, isFailure, tally as count, worstOf } from "./tally.ts";
import { visible } from "./visible.ts";

export { compareSections, count };

const LABELS: Readonly<Record<Verdict, string>> = {
  pass: "ok  ",
  warn: "warn",
  timeout: "TIME",
  fail: "FAIL",
  skip: "skip",
};

const COLOURS: Readonly<Record<Verdict, number>> = {
  pass: 32,
  warn: 33,
  timeout: 31,
  fail: 31,
  skip: 90,
};

/** Wraps text in an ANSI colour, if colours are wanted. */
function paint(text: string, verdict: Verdict, colours: boolean): string {
  return colours ? `\x1b[${COLOURS[verdict]}m${text}\x1b[0m` : text;
}

/** Returns a result as a line, and its notes below. */
export function resultLines(result: Result, colours = false): string {
  const { verdict, id, notes } = result;
  const head = `${paint(LABELS[verdict], verdict, colours)} ${visible(id)}`;
  const shown = verdict === "skip" ? [] : notes;
  return [head, ...shown.map((note) => `       ${visible(note)}`)].join("\n");
}

/**
 * Returns a progress bar: cases done, failures and warnings, and the time left.
 *
 * @param ms Milliseconds since the start.
 * @param width Number of characters in a line.
 */
export function progressBar(
  done: number,
  total: number,
  counts: Readonly<Record<Verdict, number>>,
  ms: number,
  width = 80,
): string {
  const left = done > 0 ? Math.round((ms / done) * (total - done) / 1000) : 0;
  const failed = counts.fail + counts.timeout;
  const tail = ` ${done}/${total}  ${failed} failed, ${counts.warn} warned  ${clock(left)} left`;
  const size = Math.max(0, Math.min(40, width - tail.length - 3));
  const filled = total ? Math.round(size * done / total) : 0;
  return `[${"#".repeat(filled)}${"-".repeat(size - filled)}]${tail}`.slice(
    0,
    width - 1,
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Returns a table of verdicts by section, and the totals in one line. */
export function summary(run: Run, colours = false): string {
  const unplayed = run.selected - run.results.length;
  const stopped = run.stopped === null ? [] : [
    `${visible(run.stopped)}. ${unplayed} of ${run.selected} cases were not played`,
  ];
  if (run.results.length === 0) return stopped.join("");
  const bySection = new Map<string, Result[]>();
  for (const result of run.results) {
    const results = bySection.get(result.section) ?? [];
    results.push(result);
    bySection.set(result.section, results);
  }
  const rows = [...bySection].sort(([a], [b]) => compareSections(a, b)).map(
    ([section, results]) => {
      const counts = count(results);
      const { pass, warn, timeout, fail, skip } = counts;
      const title = findSection(section)?.title ?? "";
      const numbers = [pass, warn, timeout, fail, skip]
        .map((number) => String(number || ".").padStart(5));
      return paint(
        `${visible(section).padEnd(14)}${numbers.join("")}  ${title}`,
        worstOf(counts),
        colours,
      );
    },
  );
  const { pass, warn, timeout, fail, skip } = count(run.results);
  const seconds = (run.ms / 1000).toFixed(1);
  return [
    `${"section".padEnd(14)}   ok warn time fail skip`,
    ...rows,
    "",
    `${pass} passed, ${warn} warned, ${fail} failed, ${timeout} timed out, ${skip} skipped in ${seconds} s: ${
      visible(run.agent)
    }`,
    ...(run.seed === null ? [] : [`A sample: repeat it with --quick --seed ${run.seed}`]),
    ...stopped,
  ].join("\n");
}

/**
 * Returns the exit code of a run: 0 without failures, 1 with failures, 2 if it could not be judged.
 */
export function exitCode({ results, stopped, strict }: Run): 0 | 1 | 2 {
  const { warn } = count(results);
  if (results.some(({ verdict }) => isFailure(verdict)) || (strict && warn > 0)) return 1;
  return stopped === null ? 0 : 2;
}
