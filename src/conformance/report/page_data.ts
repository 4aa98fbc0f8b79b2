/**
 * The data of the page: a small index that is read at once, and for each case the compressed
 * details of all agents, which are unpacked when the case is opened.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import type { Result, Run, Verdict, WireEntry } from "../result.ts";
import { compareSections, labels, sectionOf, tally } from "./tally.ts";

/** One run. */
export interface PageAgent {
  readonly name: string;
  readonly subject: string;
  readonly target: string;
  readonly started: string;
  readonly ms: number;
  readonly runtime: string;
  readonly stopped: string | null;
  readonly strict: boolean;
  readonly seed: number | null;
  readonly selected: number;
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** One section, a group of rows. */
export interface PageSection {
  readonly rfc: number;
  readonly number: string;
  readonly title: string;
  readonly url: string;

  /** Its chapter: `RFC 6455 · 5 Data Framing`. */
  readonly chapter: string;
}

/** One case, a row. */
export interface PageCase {
  readonly id: string;

  /** Index of its section. */
  readonly section: number;
  readonly level: string;
  readonly requirement: string;
  readonly autobahn: readonly string[];

  /** One letter for each agent: p, w, t, f, s, or - if it was not played. */
  readonly verdicts: string;

  /** Notes by index of the agent, for agents that have any. */
  readonly notes: Readonly<Record<number, string>>;
}

/** The data of the page. */
export interface PageData {
  readonly agents: readonly PageAgent[];
  readonly sections: readonly PageSection[];
  readonly cases: readonly PageCase[];

  /**
   * For each case, the JSON of a list with a {@linkcode PageDetail} or null per agent, as gzip and
   * base64.
   */
  readonly details: readonly string[];
}

/** Details of one agent in one case. */
export type PageDetail =
  & Pick<
    Result,
    | "notes"
    | "expected"
    | "got"
    | "ms"
    | "ending"
    | "extensions"
    | "sent"
    | "received"
    | "wire"
  >
  & {
    /** The case as text, unless it passed. */
    readonly dump?: string;
  };

/** Returns a case as text for a run, if it is known what was sent in it. */
export type DumpOf = (id: string, run: Run) => string | undefined;

/** Number of wire log entries that the page keeps of a passed case at either end. JSON has all. */
const PASS_HEAD = 24;
const PASS_TAIL = 8;

/** Makes the data of the page from runs. */
export function pageData(runs: readonly Run[], dumpOf: DumpOf = () => undefined): PageData {
  const names = labels(runs);
  const rows = new Map<string, (Result | null)[]>();
  for (const [at, { results }] of runs.entries()) {
    for (const result of results) {
      let row = rows.get(result.id);
      if (row === undefined) rows.set(result.id, row = runs.map(() => null));
      row[at] = result;
    }
  }
  const first = (row: readonly (Result | null)[]): Result => row.find((one) => one !== null)!;
  // A stable sort: inside a section the order of the run stays.
  const sorted = [...rows.values()].sort((one, other) =>
    compareSections(first(one).section, first(other).section)
  );
  const cited = [...new Set(sorted.map((row) => first(row).section))];
  return {
    agents: runs.map(({ results, ...run }, at) => ({
      name: names[at]!,
      subject: run.subject,
      target: run.target,
      started: run.started,
      ms: run.ms,
      runtime: run.runtime,
      stopped: run.stopped,
      strict: run.strict,
      seed: run.seed,
      selected: run.selected,
      counts: tally(results),
    })),
    sections: cited.map((section) => ({
      ...sectionOf(section),
      chapter: chapterOf(section),
    })),
    cases: sorted.map((row) => pageCase(row, first(row), cited)),
    details: sorted.map((row) =>
      pack(row.map((result, at) => {
        if (result === null) return null;
        const isRight = result.verdict === "pass" || result.verdict === "skip";
        const dump = isRight ? undefined : dumpOf(result.id, runs[at]!);
        return { ...detail(result), ...(dump !== undefined && { dump }) };
      }))
    ),
  };
}

function chapterOf(section: string): string {
  const { rfc, number, title } = sectionOf(section.split(".", 1)[0]!);
  return `RFC ${rfc} · ${number} ${title}`.trimEnd();
}

function pageCase(
  row: readonly (Result | null)[],
  { id, section, level, requirement, autobahn }: Result,
  cited: readonly string[],
): PageCase {
  const notes: Record<number, string> = {};
  for (const [at, result] of row.entries()) {
    const said = [...result?.notes ?? [], ...result?.facts ?? []];
    if (said.length > 0) {
      notes[at] = said.join("; ").slice(0, 300);
    }
  }
  return {
    id,
    section: cited.indexOf(section),
    level,
    requirement,
    autobahn,
    verdicts: row.map((result) => result?.verdict[0] ?? "-").join(""),
    notes,
  };
}

function detail(result: Result): PageDetail {
  const {
    notes,
    expected,
    got,
    ms,
    ending,
    extensions,
    sent,
    received,
    verdict,
  } = result;
  const wire = verdict === "pass" ? shorten(result.wire) : result.wire;
  return { notes, expected, got, ms, ending, extensions, sent, received, wire };
}

function shorten(wire: readonly WireEntry[]): readonly WireEntry[] {
  const left = wire.slice(PASS_HEAD, -PASS_TAIL);
  if (left.length < PASS_TAIL) return wire;
  const gap: WireEntry = {
    at: left[0]!.at,
    from: "judge",
    what: "gap",
    text: `${left.length} lines left out: it passed`,
    size: left.reduce((sum, { size }) => sum + size, 0),
  };
  return [...wire.slice(0, PASS_HEAD), gap, ...wire.slice(-PASS_TAIL)];
}

function pack(details: readonly (PageDetail | null)[]): string {
  return Buffer.from(gzipSync(JSON.stringify(details), { level: 6 })).toString(
    "base64",
  );
}
