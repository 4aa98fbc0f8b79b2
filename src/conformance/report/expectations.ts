/**
 * Results that are known not to be passes, kept in a file with a reason each: a gate for what got
 * worse, and for what got better and nobody has said so.
 *
 * The file is a JSON object: the id of a case, and `fail: reason`, or `fail|warn: reason` where a
 * verdict changes from run to run. Cases that are not in it have to pass.
 *
 * @module
 */

import type { Result, Run, Verdict } from "../result.ts";
import { casesInWords, VERDICTS } from "./tally.ts";
import { type Paint, paint } from "./paint.ts";
import { clip, visible, visibleJson } from "./visible.ts";

/** Not-passes that are known: by id, the verdicts, and the reason. */
export type Expectations = Readonly<Record<string, string>>;

/** Differences between a run and what was expected. */
export interface Surprises {
  /** Results that are worse than expected. */
  readonly worse: readonly Result[];

  /** Results that are better than expected. */
  readonly better: readonly Result[];

  /** Expected ids for which there is no case. */
  readonly unknown: readonly string[];
}

/**
 * Reads expectations.
 *
 * @throws {SyntaxError} If it is not JSON, or an entry has no verdict or no reason.
 */
export function readExpectations(text: string): Expectations {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\ufeff/, "")); // editors write a mark in front
  } catch (cause) {
    throw new SyntaxError("Cannot read the expectations: they are not JSON", { cause });
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new SyntaxError("Cannot read the expectations: they are not an object");
  }
  for (const [id, entry] of Object.entries(data)) {
    const why = typeof entry !== "string" || verdictsOf(entry).length === 0
      ? "it must be a verdict and a reason, as in fail: It does not check UTF-8"
      : /:\s*\S/.test(entry)
      ? undefined
      : "it has no reason";
    if (why !== undefined) throw new SyntaxError(`Cannot expect ${id}: ${why}`);
  }
  return data as Expectations;
}

/** Writes expectations, sorted by id. */
export function writeExpectations(expectations: Expectations): string {
  const entries = Object.entries(expectations).sort(([one], [other]) => one < other ? -1 : 1);
  return `${visibleJson(JSON.stringify(Object.fromEntries(entries), null, 2))}\n`;
}

/** Returns the verdicts of an entry; none if they are not verdicts. */
function verdictsOf(entry: string): readonly Verdict[] {
  const words = entry.split(":", 1)[0]!.split("|");
  return words.every((word) => (VERDICTS as readonly string[]).includes(word))
    ? words as Verdict[]
    : [];
}

/** Returns the verdicts that are expected of a case. */
export function expectedOf(expectations: Expectations, id: string): readonly Verdict[] {
  return Object.hasOwn(expectations, id) ? verdictsOf(expectations[id]!) : ["pass"];
}

/**
 * Returns what is expected from now on.
 *
 * @param runs One or several runs: where they differ, all verdicts are expected.
 * @param known Earlier expectations: entries that still hold, and those of cases that were not
 * played, are kept with their reasons.
 */
export function expectationsFrom(runs: readonly Run[], known: Expectations = {}): Expectations {
  const seen = new Map<string, { verdicts: Set<Verdict>; why: string }>();
  for (const { id, verdict, notes } of runs.flatMap(({ results }) => results)) {
    const entry = seen.get(id) ?? { verdicts: new Set(), why: "" };
    entry.verdicts.add(verdict);
    if (verdict !== "pass") entry.why ||= notes.join("; ");
    seen.set(id, entry);
  }
  const kept = Object.entries(known).filter(([id]) => !seen.has(id));
  const found = [...seen].flatMap(([id, { verdicts, why }]): [string, string][] => {
    if (verdicts.size === 1 && verdicts.has("pass")) return [];
    const expected = expectedOf(known, id);
    const holds = [...verdicts].every((verdict) => expected.includes(verdict));
    if (Object.hasOwn(known, id) && holds) return [[id, known[id]!]];
    return [[id, `${[...verdicts].sort().join("|")}: ${why || "No reason given"}`]];
  });
  return Object.fromEntries([...kept, ...found]);
}

/**
 * Compares a run with what was expected of it. Cases that were not played say nothing.
 *
 * @param ids Ids of all cases.
 */
export function surprises(
  { results }: Run,
  expectations: Expectations,
  ids: ReadonlySet<string>,
): Surprises {
  const changed = results.filter(({ id, verdict }) =>
    !expectedOf(expectations, id).includes(verdict)
  );
  const isWorse = ({ id, verdict }: Result): boolean =>
    expectedOf(expectations, id).every((one) => VERDICTS.indexOf(verdict) > VERDICTS.indexOf(one));
  return {
    worse: changed.filter(isWorse),
    better: changed.filter((result) => !isWorse(result)),
    unknown: Object.keys(expectations).filter((id) => !ids.has(id)),
  };
}

/** Returns whether a run is as expected. */
export function isAsExpected({ worse, better, unknown }: Surprises): boolean {
  return worse.length + better.length + unknown.length === 0;
}

/** Returns the differences for a terminal, as lines, each with its line feed. */
export function describeSurprises(
  found: Surprises,
  expectations: Expectations,
  { colour = false, width = 100 }: { colour?: boolean; width?: number } = {},
): string {
  const look = paint(colour);
  if (isAsExpected(found)) {
    return `As expected: ${casesInWords(Object.keys(expectations).length)} known not to pass\n`;
  }
  const rows = (results: readonly Result[]): string[] =>
    results.flatMap((result) => row(result, expectations, look, width));
  const { worse, better, unknown } = found;
  return [
    ...(better.length > 0 ? [look.bold(`Better than expected: ${better.length}`)] : []),
    ...rows(better),
    ...(unknown.length > 0 ? [look.bold(`Expected, but no such case: ${unknown.length}`)] : []),
    ...unknown.map((id) => `  ${visible(id)}`),
    ...(worse.length > 0 ? [look.bold(`Worse than expected: ${worse.length}`)] : []),
    ...rows(worse),
  ].map((line) => `${line}\n`).join("");
}

function row(
  { id, verdict, notes }: Result,
  expectations: Expectations,
  look: Paint,
  width: number,
): string[] {
  const before = expectedOf(expectations, id).map((one) => look[one](one)).join("|");
  const reason = verdict === "pass" ? expectations[id] ?? "" : notes.join("; ");
  const note = clip(visible(reason), width - 7);
  return [
    `  ${before} → ${look[verdict](verdict)}  ${visible(id)}`,
    ...(note ? [`       ${look.dim(note)}`] : []),
  ];
}
