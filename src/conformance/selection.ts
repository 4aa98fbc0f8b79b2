/**
 * Selects the cases of a run: by section, id or Autobahn number, and samples of large families.
 *
 * @module
 */

import type { Case, Subject } from "./case.ts";
import { random } from "./wire/corpus.ts";

/** Options for {@linkcode select}. */
export interface Selection {
  /**
   * Documents (`6455`, `7692`; over HTTP/2 `8441`, `9113`), sections (`5.5`, with all below it), beginnings of ids
   * (`5.5/refuses`), or Autobahn numbers (`autobahn:7.9`, with all below it). Default: all cases.
   */
  readonly patterns?: readonly string[];

  /** Whether to select cases that take long, too. Default: only where a pattern is of ids. */
  readonly full?: boolean;

  /** Whether to select only a sample of each family. Default: false. */
  readonly quick?: boolean;

  /** Seed of the sample. Default: 1 in {@linkcode select}, random in a run. */
  readonly seed?: number;
}

/** Whether `number` is `prefix` or below it: `5.5` contains `5.5.1` but not `5.51`. */
function isWithin(number: string, prefix: string): boolean {
  const stem = prefix.replace(/\.?\*$/, "").replace(/\.$/, "");
  return stem === "" || number === stem || number.startsWith(`${stem}.`);
}

/** Whether a pattern matches a case. */
export function matches({ id, section, autobahn }: Case, pattern: string): boolean {
  if (pattern.startsWith("autobahn:")) {
    return autobahn.some((number) => isWithin(number, pattern.slice("autobahn:".length)));
  }
  if (/^(6455|7692|8441|9113)$/.test(pattern)) {
    return (section.includes(":") ? section.split(":")[0] : "6455") === pattern;
  }
  return pattern.includes("/") ? id.startsWith(pattern) : isWithin(section, pattern);
}

/** Whether a pattern is the beginning of the id of a case. */
function isOfId(test: Case, pattern: string): boolean {
  return pattern.includes("/") && matches(test, pattern);
}

/** Number of cases of a family for each case in the sample. */
const ONE_OF = 12;

/** Number of cases of a family that are always in the sample. */
const AT_LEAST = 2;

/**
 * Selects cases for a subject, in their order.
 *
 * @throws {RangeError} If a pattern matches no case at all.
 */
export function select(
  cases: readonly Case[],
  subject: Subject,
  { patterns = [], full = false, quick = false, seed = 1 }: Selection = {},
): Case[] {
  for (const pattern of patterns) {
    if (cases.some((test) => matches(test, pattern))) continue;
    const why = /^(8441|9113)/.test(pattern) ? "it needs --http2" : "it means no case";
    throw new RangeError(`Cannot select ${JSON.stringify(pattern)}: ${why}`);
  }
  const chosen = cases.filter((test) =>
    test.judges.includes(subject) &&
    (patterns.length === 0 || patterns.some((pattern) => matches(test, pattern))) &&
    (full || !test.isLong || patterns.some((pattern) => isOfId(test, pattern)))
  );
  if (!quick) return chosen;

  const families = new Map<string, Case[]>();
  for (const test of chosen) {
    if (test.family === undefined) continue;
    const members = families.get(test.family) ?? [];
    members.push(test);
    families.set(test.family, members);
  }
  const next = random(seed);
  const kept = new Set<Case>();
  for (const members of families.values()) {
    const count = Math.min(members.length, Math.max(AT_LEAST, Math.ceil(members.length / ONE_OF)));
    for (const left = [...members]; left.length > members.length - count;) {
      kept.add(left.splice(next() % left.length, 1)[0]!);
    }
  }
  return chosen.filter((test) => test.family === undefined || kept.has(test));
}
