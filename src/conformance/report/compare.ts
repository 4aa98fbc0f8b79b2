/**
 * Compares runs: cases on which they differ, and verdicts that got better or worse.
 *
 * @module
 */

import type { Result, Run, Verdict } from "../result.ts";
import { type Paint, paint } from "./paint.ts";
import {
  casesInWords,
  cite,
  compareSections,
  duration,
  inWords,
  isFailure,
  labels,
  sectionsOf,
  tally,
  VERDICTS,
} from "./tally.ts";
import { clip, visible } from "./visible.ts";

/** A case on which runs differ. */
export interface Difference {
  /** Id of the case. */
  readonly id: string;

  /** Section that contains its requirement. */
  readonly section: string;

  /** Result in each run, in their order; `null` where the case was not played. */
  readonly results: readonly (Result | null)[];

  /** Change from the first run to the last; "other" if the case was not played in one of them. */
  readonly change: "worse" | "better" | "other";
}

/** Returns the cases on which runs differ, in the order of the sections. */
export function differences(runs: readonly Run[]): Difference[] {
  const found = new Map<string, (Result | null)[]>();
  for (const [at, { results }] of runs.entries()) {
    for (const result of results) {
      let row = found.get(result.id);
      if (row === undefined) found.set(result.id, row = runs.map(() => null));
      row[at] = result;
    }
  }
  return [...found]
    .filter(([, row]) => new Set(row.map((result) => result?.verdict)).size > 1)
    .map(([id, results]) => {
      const section = results.find((result) => result !== null)!.section;
      return {
        id,
        section,
        results,
        change: changeOf(results[0] ?? null, results.at(-1) ?? null),
      };
    })
    .sort((one, other) => compareSections(one.section, other.section));
}

/**
 * Compares two verdicts. A skip is neither better nor worse than anything but a failure; no answer
 * in time is as bad as a wrong one.
 */
function changeOf(
  before: Result | null,
  after: Result | null,
): Difference["change"] {
  if (before === null || after === null) return "other";
  const [from, to] = [before.verdict, after.verdict];
  if (
    from === to || isFailure(from) && isFailure(to) ||
    [from, to].includes("skip") && ![from, to].some(isFailure)
  ) return "other";
  return VERDICTS.indexOf(to) > VERDICTS.indexOf(from) ? "worse" : "better";
}

/** Options for {@linkcode toComparison}. */
export interface ComparisonOptions {
  /**
   * Whether to use ANSI colours.
   *
   * @default {false}
   */
  readonly colour?: boolean;

  /**
   * Number of characters in a line.
   *
   * @default {100}
   */
  readonly width?: number;
}

/**
 * Compares runs for a terminal: the sections with the counts of each run, then every case on which
 * they differ. Of two runs, these are grouped into worse, better and other.
 *
 * @returns Lines, each with its line feed.
 */
export function toComparison(
  runs: readonly Run[],
  options: ComparisonOptions = {},
): string {
  const { colour = false, width = 100 } = options;
  const look = paint(colour);
  const letters = runs.map((_, at) => letter(at));
  const found = differences(runs);
  return [
    ...heads(runs, letters, look),
    ...sections(runs, letters, look),
    ...(runs.length === 2 ? changes(found, look, width) : matrix(found, letters, look)),
  ].map((line) => `${line}\n`).join("");
}

function letter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${at + 1}`;
}

function heads(
  runs: readonly Run[],
  letters: readonly string[],
  look: Paint,
): string[] {
  const names = labels(runs).map((name) => clip(visible(name), 40));
  const edge = Math.max(0, ...names.map(({ length }) => length));
  const lines = runs.map((run, at) => {
    const { subject, started, results, ms, stopped, selected } = run;
    const counts = `${casesInWords(results.length)} in ${duration(ms)}: ${inWords(tally(results))}`;
    const cut = stopped !== null || results.length < selected
      ? look.fail(` (stopped: ${visible(stopped ?? "unfinished")})`)
      : "";
    const day = visible(started.slice(0, 16).replace("T", " "));
    return `${look.bold(letters[at]!)}  ${
      names[at]!.padEnd(edge)
    }  ${subject}  ${day}  ${counts}${cut}`;
  });
  return [...lines, ""];
}

/** A table of passes by section, coloured by the worst verdict. */
function sections(
  runs: readonly Run[],
  letters: readonly string[],
  look: Paint,
): string[] {
  const all = sectionsOf(runs.flatMap(({ results }) => results));
  const names = all.map(cite);
  const edge = Math.max(7, ...names.map(({ length }) => length));
  const head = "Section".padEnd(edge) +
    letters.map((name) => name.padStart(10)).join("");
  const row = (name: string, section: string | null): string =>
    name.padEnd(edge) + runs.map(({ results }) => {
      const own = section === null ? results : results.filter((one) => one.section === section);
      const counts = tally(own);
      const cell = (own.length === 0 ? "·" : `${counts.pass}/${own.length}`)
        .padStart(10);
      const order = ["fail", "timeout", "warn", "skip"] as const;
      const worst = order.find((verdict) => counts[verdict] > 0) ?? "pass";
      return own.length === 0 ? look.dim(cell) : look[worst](cell);
    }).join("");
  return [
    look.dim(head),
    ...all.map((cited, at) => row(names[at]!, cited)),
    row("All", null),
    "",
  ];
}

function changes(
  found: readonly Difference[],
  look: Paint,
  width: number,
): string[] {
  if (found.length === 0) return ["No case changed."];
  const kinds = [["other", "Other"], ["better", "Better"], [
    "worse",
    "Worse",
  ]] as const;
  const lines = kinds.flatMap(([change, title]) => {
    const rows = found.filter((one) => one.change === change);
    if (rows.length === 0) return [];
    const changed = rows.flatMap(({ id, results }, at) => {
      const way = results.map((result) => word(result, look)).join(" → ");
      const note = noteOf(rows[at]!);
      // A note that several cases share is printed once, below the last of them.
      const again = at + 1 < rows.length && noteOf(rows[at + 1]!) === note;
      const below = note && !again ? [`       ${look.dim(clip(visible(note), width - 7))}`] : [];
      return [`  ${way}  ${visible(id)}`, ...below];
    });
    return [look.bold(`${title}: ${rows.length}`), ...changed, ""];
  });
  return lines.slice(0, -1);
}

/** Returns the notes of the later result, or else of the earlier. */
function noteOf({ results: [before, after] }: Difference): string {
  return after?.notes.join("; ") || before?.notes.join("; ") || "";
}

function word(result: Result | null, look: Paint): string {
  return result === null ? look.dim("none") : look[result.verdict](result.verdict);
}

function matrix(
  found: readonly Difference[],
  letters: readonly string[],
  look: Paint,
): string[] {
  if (found.length === 0) {
    return [letters.length > 1 ? "They agree on every case." : ""];
  }
  const cell = (verdict: Verdict | null): string =>
    verdict === null ? look.dim("·   ") : look[verdict](verdict);
  return [
    look.bold(`Differ on ${casesInWords(found.length)}`),
    look.dim(`  ${letters.map((name) => name.padEnd(4)).join("  ")}`),
    ...found.map(({ id, results }) => {
      return `  ${results.map((one) => cell(one?.verdict ?? null)).join("  ")}  ${visible(id)}`;
    }),
  ];
}
