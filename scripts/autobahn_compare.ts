/**
 * Compares Autobahn's verdicts with the judge's, case by case.
 *
 * @module
 */

import type { Result, Verdict } from "../src/conformance/result.ts";
import { byNumber, compareSections } from "../src/conformance/report/mod.ts";

/** Entry of Autobahn's `index.json` about one case, as far as it is used here. */
export interface Theirs {
  readonly behavior: string;
  readonly behaviorClose: string;
}

/** Kind of a disagreement. */
export type Kind =
  /** The judge passes what Autobahn does not. */
  | "looser"
  /** The judge fails what Autobahn passes. */
  | "stricter"
  /** The judge warns where Autobahn says OK: it checks close codes that Autobahn does not. */
  | "warned"
  /** Only one of them could play it. */
  | "skipped"
  /** Only one of them has such a case. */
  | "missing";

/** One case on which the two disagree. */
export interface Disagreement {
  /** Autobahn's number. */
  readonly number: string;

  /** Kind of disagreement. */
  readonly kind: Kind;

  /** Autobahn's verdicts, both where they differ; `null` if it has no such case. */
  readonly theirs: string | null;

  /** The judge's verdict, with the id of the case; `null` if none covers the number. */
  readonly ours: string | null;
}

/** Rank of a verdict: 0 correct, 1 loose but legal, 2 wrong, or not played. */
type Rank = 0 | 1 | 2 | "skip";

const RANKS: Readonly<Record<Verdict, Rank>> = {
  pass: 0,
  warn: 1,
  timeout: 2,
  fail: 2,
  skip: "skip",
};

/**
 * Finds the cases on which Autobahn and the judge disagree.
 *
 * @param theirs Autobahn's verdicts by number.
 * @param ours The judge's results. Where several cases cover a number, the worst one counts.
 */
export function disagreements(
  theirs: Readonly<Record<string, Theirs>>,
  ours: readonly Result[],
): Disagreement[] {
  const found = byNumber(ours);
  const numbers = [...new Set([...Object.keys(theirs), ...found.keys()])].sort(
    compareSections,
  );
  return numbers.flatMap((number) => {
    const one = Object.hasOwn(theirs, number) ? theirs[number]! : null;
    const other = found.get(number) ?? null;
    const kind = kindOf(one, other);
    return kind === null ? [] : [{
      number,
      kind,
      theirs: one && wordsOf(one),
      ours: other && describe(other),
    }];
  });
}

function kindOf(theirs: Theirs | null, ours: Result | null): Kind | null {
  if (theirs === null || ours === null) return "missing";
  const one = rankOf(theirs);
  const other = RANKS[ours.verdict];
  if (one === other) return null;
  if (one === "skip" || other === "skip") return "skipped";
  // Autobahn gives no verdict on these: only a failure of ours counts.
  if (theirs.behavior === "INFORMATIONAL" && other < 2) return null;
  if (other < one) return "looser";
  return other === 1 ? "warned" : "stricter";
}

/**
 * Returns the rank of the worse of Autobahn's two verdicts. The code in a Close is a SHOULD
 * (7.1.7).
 */
function rankOf({ behavior, behaviorClose }: Theirs): Rank {
  const right = ["OK", "INFORMATIONAL"];
  const loose = [...right, "NON-STRICT", "WRONG CODE"];
  if (behavior === "UNIMPLEMENTED") return "skip";
  if (!loose.includes(behavior) || !loose.includes(behaviorClose)) return 2;
  return right.includes(behavior) && right.includes(behaviorClose) ? 0 : 1;
}

function wordsOf({ behavior, behaviorClose }: Theirs): string {
  return behavior === behaviorClose ? behavior : `${behavior}, close ${behaviorClose}`;
}

function describe({ verdict, id, notes }: Result): string {
  return [`${verdict} ${id}`, ...notes].join(": ");
}

/** Whether a disagreement means that one of the two is wrong; a warning of ours does not. */
export function matters({ kind }: Disagreement): boolean {
  return kind !== "warned";
}

/** Returns the comparison as text: each disagreement, then their number. */
export function report(
  title: string,
  found: readonly Disagreement[],
  count: number,
): string {
  const lines = found.map(({ number, kind, theirs, ours }) => {
    const rows = [
      `${number.padEnd(8)} ${kind}`,
      `           Autobahn  ${theirs ?? "has no such case"}`,
      `           judge     ${ours ?? "has no case for it"}`,
    ];
    return rows.join("\n");
  });
  const serious = found.filter(matters).length;
  const warned = found.length - serious;
  const sum = `${title}: ${count} cases, ${serious} disagreements` +
    (warned > 0 ? `, ${warned} that the judge warns about and Autobahn lets pass` : "");
  return [...lines, sum].join("\n");
}

/** Translates Autobahn's patterns, such as `7.*` or `6.4.1`, into the judge's. */
export function patternsOf(cases: readonly string[]): string[] {
  return cases.filter((one) => one !== "*").map((one) => `autobahn:${one.replace(/\.?\*$/, "")}`);
}

/** Drops the numbers that were not selected from results, as a case may cover several. */
export function narrow(
  results: readonly Result[],
  cases: readonly string[],
): Result[] {
  const stems = cases.map((one) => one.replace(/\.?\*$/, ""));
  const isSelected = (number: string): boolean =>
    stems.some((stem) => stem === "" || number === stem || number.startsWith(`${stem}.`));
  return results.map((result) => ({
    ...result,
    autobahn: result.autobahn.filter(isSelected),
  }));
}

/** Whether an image is pinned by its digest. */
export function isPinned(image: string): boolean {
  return /^[\w./:-]+@sha256:[0-9a-f]{64}$/.test(image);
}
