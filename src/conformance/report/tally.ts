/**
 * Counts and names for reports: verdicts, sections, runs.
 *
 * @module
 */

import type { Result, Run, Verdict } from "../result.ts";
import { findSection, type Section } from "../sections.ts";
import { visible } from "./visible.ts";

/** The verdicts, from best to worst. */
export const VERDICTS: readonly Verdict[] = ["pass", "skip", "warn", "timeout", "fail"];

/** Number of results with each verdict. */
export type Tally = Readonly<Record<Verdict, number>>;

/** Counts results by verdict. */
export function tally(results: readonly Pick<Result, "verdict">[]): Tally {
  const counts = { pass: 0, warn: 0, timeout: 0, fail: 0, skip: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}

/** Returns the worse of two verdicts. */
export function worse(one: Verdict, other: Verdict): Verdict {
  return VERDICTS.indexOf(one) > VERDICTS.indexOf(other) ? one : other;
}

/** Returns the worst verdict among counts; a skip is not worse than a pass. */
export function worstOf(counts: Tally): Verdict {
  const order = ["fail", "timeout", "warn", "pass"] as const;
  return order.find((verdict) => counts[verdict] > 0) ?? "skip";
}

/** Whether a verdict is a failure: nothing in time is one. */
export function isFailure(verdict: Verdict): boolean {
  return verdict === "fail" || verdict === "timeout";
}

/** Whether a result counts against the subject: a failure does, and in a strict run a warning. */
export function speaksAgainst(
  run: Pick<Run, "strict">,
  { verdict }: Pick<Result, "verdict">,
): boolean {
  return isFailure(verdict) || (verdict === "warn" && run.strict);
}

/** Returns counts in words, failures always: `790 passed, 12 warned, 1 failed, 9 skipped`. */
export function inWords({ pass, warn, timeout, fail, skip }: Tally): string {
  const words = [`${pass} passed`];
  if (warn > 0) words.push(`${warn} warned`);
  words.push(`${fail} failed`);
  if (timeout > 0) words.push(`${timeout} timed out`);
  if (skip > 0) words.push(`${skip} skipped`);
  return words.join(", ");
}

/** Returns a number of cases in words: `1 case`, `5 cases`. */
export function casesInWords(count: number): string {
  return `${count} ${count === 1 ? "case" : "cases"}`;
}

/** Returns a duration in words: `380 ms`, `8.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Compares citations in the order of the standards: RFC 6455 first, 5.2 before 5.10. */
export function compareSections(one: string, other: string): number {
  const [first, second] = [place(one), place(other)];
  for (let at = 0; at < Math.max(first.length, second.length); at++) {
    const step = (first[at] ?? -1) - (second[at] ?? -1);
    if (step !== 0) return step;
  }
  return 0;
}

function place(cited: string): number[] {
  const [number = "", rfc = "6455"] = cited.split(":").reverse();
  return [Number(rfc), ...number.split(".").map(Number)].map((part) => part || 0);
}

/** Returns the section that is cited; an unknown one has its number only, and no URL. */
export function sectionOf(cited: string): Section {
  return findSection(cited) ?? { rfc: 6455, number: cited, title: "", url: "" };
}

/** Returns a citation in words: `5.5.1 Close`, `RFC 7692, 7.2.1 Compression`. */
export function cite(cited: string): string {
  const { rfc, number, title } = sectionOf(cited);
  return visible(
    `${rfc === 6455 ? "" : `RFC ${rfc}, `}${number} ${title}`.trimEnd(),
  );
}

/** Returns the sections of results, in the order of the standards. */
export function sectionsOf(
  results: Iterable<Pick<Result, "section">>,
): string[] {
  const cited = new Set<string>();
  for (const { section } of results) cited.add(section);
  return [...cited].sort(compareSections);
}

/** Returns a unique name for each run: the agent, numbered where two are equal. */
export function labels(runs: readonly Pick<Run, "agent">[]): string[] {
  const taken = new Set<string>();
  return runs.map(({ agent }) => {
    const name = agent.trim() || "nameless";
    let label = name;
    for (let count = 2; taken.has(label); count++) label = `${name} (${count})`;
    taken.add(label);
    return label;
  });
}
