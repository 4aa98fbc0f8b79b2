/**
 * Counting results: by verdict, by section, by run.
 *
 * @module
 */

import type { Result, Run, Verdict } from "../result.ts";
import { findSection, type Section } from "../sections.ts";
import { visible } from "./visible.ts";

/** The verdicts, from best to worst. */
export const VERDICTS: readonly Verdict[] = ["pass", "skip", "warn", "fail"];

/** How often each verdict was given. */
export type Tally = Readonly<Record<Verdict, number>>;

/** Counts verdicts. */
export function tally(results: readonly Pick<Result, "verdict">[]): Tally {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}

/** The worse of two verdicts. */
export function worse(one: Verdict, other: Verdict): Verdict {
  return VERDICTS.indexOf(one) > VERDICTS.indexOf(other) ? one : other;
}

/** Whether a result speaks against the subject: with `--strict` a warning does. */
export function speaksAgainst(
  run: Pick<Run, "strict">,
  { verdict }: Pick<Result, "verdict">,
): boolean {
  return verdict === "fail" || (verdict === "warn" && run.strict);
}

/** The counts in words: `790 passed, 12 warned, 1 failed, 9 skipped`. Failures are always said. */
export function inWords({ pass, warn, fail, skip }: Tally): string {
  const words = [`${pass} passed`];
  if (warn > 0) words.push(`${warn} warned`);
  words.push(`${fail} failed`);
  if (skip > 0) words.push(`${skip} skipped`);
  return words.join(", ");
}

/** A duration in words: `380 ms`, `8.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Orders citations as the standards do: RFC 6455 first, 5.2 before 5.10. */
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

/** The section that is cited; one that nobody knows stands for itself, without an address. */
export function sectionOf(cited: string): Section {
  return findSection(cited) ?? { rfc: 6455, number: cited, title: "", url: "" };
}

/** A citation for people: `5.5.1 Close`, `RFC 7692, 7.2.1 Compression`. */
export function cite(cited: string): string {
  const { rfc, number, title } = sectionOf(cited);
  return visible(
    `${rfc === 6455 ? "" : `RFC ${rfc}, `}${number} ${title}`.trimEnd(),
  );
}

/** The sections that results rest on, in the order of the standards. */
export function sectionsOf(
  results: Iterable<Pick<Result, "section">>,
): string[] {
  const cited = new Set<string>();
  for (const { section } of results) cited.add(section);
  return [...cited].sort(compareSections);
}

/** A name for each run that no other run has: the agent, numbered where two are alike. */
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
