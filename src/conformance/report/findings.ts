/**
 * The findings of a finished run, for a terminal: failures and warnings, each with the end of its
 * wire log, a table of the sections, and the counts. Output during a run is in `terminal.ts`.
 *
 * @module
 */

import type { Result, Run, Verdict, WireEntry } from "../result.ts";
import { type Paint, paint } from "./paint.ts";
import { byCause } from "./causes.ts";
import {
  casesInWords,
  cite,
  duration,
  inWords,
  isFailure,
  sectionOf,
  sectionsOf,
  tally,
  worstOf,
} from "./tally.ts";
import { clip, visible } from "./visible.ts";

/** Options for {@linkcode toTerminal}. */
export interface FindingsOptions {
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

  /**
   * Number of failures and warnings that are printed with their wire log; the others get one line
   * each.
   *
   * @default {25}
   */
  readonly details?: number;

  /**
   * Number of lines that are printed of each wire log, the last ones.
   *
   * @default {8}
   */
  readonly excerpt?: number;
}

const MARKS: Readonly<Record<Verdict, string>> = {
  pass: "ok",
  warn: "warn",
  timeout: "TIME",
  fail: "FAIL",
  skip: "skip",
};

/**
 * Writes the report of a run: warnings and failures with what was expected, what came and the end
 * of the wire log; the reasons of skips; a table of the sections; the counts.
 *
 * @returns Lines, each with its line feed.
 */
export function toTerminal(run: Run, options: FindingsOptions = {}): string {
  const { colour = false, width = 100, details = 25, excerpt = 8 } = options;
  const look: Look = { paint: paint(colour), width, excerpt };
  const failures = run.results.filter(({ verdict }) => isFailure(verdict));
  const warnings = run.results.filter(({ verdict }) => verdict === "warn");
  const left = Math.max(0, details - failures.length);
  return [
    ...problems(warnings, left, look),
    ...problems(failures, details, look),
    ...skips(run.results, look),
    ...table(run.results, look),
    ...closing(run, look),
  ].map((line) => `${line}\n`).join("");
}

/** Options of the lines. */
interface Look {
  readonly paint: Paint;
  readonly width: number;
  readonly excerpt: number;
}

/** Number of results of one cause that are printed as a group, with the details of the first. */
const MANY = 3;

function problems(results: readonly Result[], detailed: number, look: Look): string[] {
  let left = detailed;
  const groups = byCause(results);
  const lines = groups.flatMap(({ cause, results }) => {
    if (results.length >= MANY || left < results.length) {
      return group(cause, results, left-- > 0, look);
    }
    left -= results.length;
    return results.flatMap((result) => [...detail(result, look), ""]);
  });
  return lines;
}

/** Results of one cause: in a list, behind the details of the first if there is room for them. */
function group(
  cause: string,
  results: readonly Result[],
  isDetailed: boolean,
  look: Look,
): string[] {
  const [first, ...others] = results;
  const { verdict } = first!;
  const mark = look.paint[verdict](MARKS[verdict].padEnd(4));
  const heading = look.paint.bold(`${casesInWords(results.length)}: ${visible(cause)}`);
  const listed = isDetailed ? others : results;
  return [
    `${mark} ${heading}`,
    ...(isDetailed ? detail(first!, look) : []),
    ...listed.map(({ verdict, id }) =>
      `${look.paint[verdict](MARKS[verdict].padEnd(4))} ${visible(id)}`
    ),
    "",
  ];
}

function detail(result: Result, { paint, width, excerpt }: Look): string[] {
  const {
    verdict,
    id,
    level,
    section,
    autobahn,
    requirement,
    expected,
    got,
    notes,
  } = result;
  const { rfc, number, title } = sectionOf(section);
  const equals = autobahn.length > 3
    ? `${autobahn.slice(0, 3).join(", ")} and ${autobahn.length - 3} more`
    : autobahn.join(", ");
  const source = [
    visible(`RFC ${rfc}, ${number} ${title}`.trimEnd()),
    level.toUpperCase(),
    ...(equals ? [`Autobahn ${visible(equals)}`] : []),
  ].join(" · ");
  const lines = [
    `${paint[verdict](MARKS[verdict].padEnd(4))} ${paint.bold(visible(id))}`,
    ...wrap(visible(requirement), width - 5).map((line) => `     ${line}`),
    `     ${paint.dim(source)}`,
  ];
  if (expected) lines.push(`     Expected  ${visible(expected)}`);
  // The note of a violation is what came, followed by the section that is violated.
  const violation = notes.find((note) => got !== "" && note.startsWith(`${got} (`));
  if (got) {
    lines.push(`     Got       ${paint[verdict](visible(violation ?? got))}`);
  }
  const printed = ["", got, violation, `Expected ${expected}, got ${got}`];
  for (const note of notes) {
    if (!printed.includes(note)) lines.push(`     ${visible(note)}`);
  }
  return [...lines, ...excerptOf(result.wire, excerpt, paint, width)];
}

/** Returns the last lines of a wire log, without a handshake that succeeded. */
function excerptOf(
  wire: readonly WireEntry[],
  most: number,
  paint: Paint,
  width: number,
): string[] {
  const framed = wire.findIndex(({ what }) => what === "frame");
  const from = Math.max(framed, wire.length - most);
  const shown = most > 0 ? wire.slice(from) : [];
  if (shown.length === 0) return [];
  const left = from - Math.max(framed, 0);
  return [
    ...(left > 0 ? [paint.dim(`       … ${left} lines before`)] : []),
    ...shown.map((entry) => wireLine(entry, paint, width)),
  ];
}

function wireLine(
  { at, from, what, text, hex = "" }: WireEntry,
  paint: Paint,
  width: number,
) {
  const time = `${at.toFixed(1)} ms`.padStart(12);
  const arrow = what === "gap" ? "…" : from === "judge" ? "→" : "←";
  const first = what === "http" ? text.split("\r\n", 1)[0]! : text;
  const words = clip(visible(first), width - 17);
  const octets = hex.replace(/../g, " $&");
  const left = width - 17 - words.length - 2;
  const digits = left >= 12 && octets ? `  ${paint.dim(clip(octets.slice(1), left))}` : "";
  return `  ${paint.dim(time)} ${paint[from](`${arrow} ${words}`)}${digits}`;
}

function skips(results: readonly Result[], { paint }: Look): string[] {
  const reasons = new Map<string, number>();
  for (const { verdict, notes } of results) {
    const reason = notes[0] ?? "No reason given";
    if (verdict === "skip") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, count]) => {
    return `${paint.skip("skip")} ${casesInWords(count)}: ${visible(reason)}`;
  });
  return [...lines, ""];
}

/** Number of characters of a column. */
const COLUMN = 8;

function table(results: readonly Result[], { paint }: Look): string[] {
  // A column of its own only where it is needed.
  const columns = (["pass", "warn", "timeout", "fail", "skip"] as const)
    .filter((verdict) => verdict !== "timeout" || tally(results).timeout > 0);
  const sections = sectionsOf(results);
  if (sections.length === 0) return [];
  const names = sections.map((section) => cite(section));
  const edge = Math.max(7, ...names.map(({ length }) => length));
  const row = (
    name: string,
    counts: Readonly<Record<Verdict, number>>,
  ): string =>
    name.padEnd(edge) + columns.map((verdict) => {
      const count = counts[verdict];
      const cell = (count === 0 ? "·" : `${count}`).padStart(COLUMN);
      return count === 0 ? paint.dim(cell) : paint[verdict](cell);
    }).join("");
  const head = "Section".padEnd(edge) +
    columns.map((name) => name.padStart(COLUMN)).join("");
  return [
    paint.dim(head),
    ...sections.map((section, at) => {
      return row(
        names[at]!,
        tally(results.filter((result) => result.section === section)),
      );
    }),
    row("All", tally(results)),
    "",
  ];
}

function closing(run: Run, { paint }: Look): string[] {
  const counts = tally(run.results);
  const total = run.results.length;
  const cases = total < run.selected
    ? `${total} of ${casesInWords(run.selected)}`
    : casesInWords(total);
  const lines = [
    `${visible(run.agent)} (${run.subject}, ${visible(run.target)})`,
    `${cases} in ${duration(run.ms)}: ${paint[worstOf(counts)](inWords(counts))}${
      run.strict && counts.warn > 0 ? "; strict: warnings count" : ""
    }`,
  ];
  if (run.seed !== null) {
    lines.push(`A sample of the large families: --quick, seed ${run.seed}`);
  }
  if (run.full === false) {
    lines.push("Exchanges were cut to ten rounds, the longest cases left out: --full plays all");
  }
  for (const { facts = [] } of run.results) lines.push(...facts.map(visible));
  if (run.stopped !== null) {
    lines.push(paint.fail(`Stopped: ${visible(run.stopped)}`));
  }
  return lines;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
