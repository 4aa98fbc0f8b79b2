/**
 * Autobahn's verdicts and the judge's, case by case.
 *
 * @module
 */

import type { Result, Verdict } from "../src/conformance/result.ts";
import { byNumber, compareSections } from "../src/conformance/report/mod.ts";

/** What Autobahn's `index.json` says about one case, as far as it matters here. */
export interface Theirs {
  readonly behavior: string;
  readonly behaviorClose: string;
}

/** How the two differ. */
export type Kind =
  /** The judge lets pass what Autobahn does not. */
  | "looser"
  /** The judge fails what Autobahn lets pass. */
  | "stricter"
  /** The judge warns where Autobahn says OK: it looks at close codes that Autobahn waves through. */
  | "warned"
  /** One could not play it, the other could. */
  | "skipped"
  /** Only one of them has it. */
  | "missing";

/** One case on which they do not agree. */
export interface Disagreement {
  /** The Autobahn number. */
  readonly number: string;
  readonly kind: Kind;

  /** In Autobahn's words, both verdicts where they differ; null when it has no such case. */
  readonly theirs: string | null;

  /** In ours, with the id of the case; null when none covers the number. */
  readonly ours: string | null;
}

/** The standing of a verdict: what is right, what is loose but legal, what is wrong, or unplayed. */
type Standing = 0 | 1 | 2 | "skip";

const STANDINGS: Readonly<Record<Verdict, Standing>> = {
  pass: 0,
  warn: 1,
  fail: 2,
  skip: "skip",
};

/**
 * Finds the cases on which Autobahn and the judge disagree.
 *
 * @param theirs Autobahn's verdicts by number.
 * @param ours What the judge found. Where several cases cover a number the worst one counts.
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
  const one = standingOf(theirs);
  const other = STANDINGS[ours.verdict];
  if (one === other) return null;
  if (one === "skip" || other === "skip") return "skipped";
  // Autobahn gives no verdict on these: only a failure of ours is worth a word.
  if (theirs.behavior === "INFORMATIONAL" && other < 2) return null;
  if (other < one) return "looser";
  return other === 1 ? "warned" : "stricter";
}

/** The worse of Autobahn's two verdicts. Section 7.1.7 only says which code SHOULD be sent. */
function standingOf({ behavior, behaviorClose }: Theirs): Standing {
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

/** Whether a disagreement says that one of the two is wrong; a warning of ours does not. */
export function matters({ kind }: Disagreement): boolean {
  return kind !== "warned";
}

/** The comparison for people: each disagreement, then how many there are. */
export function tell(
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

/** The patterns by which the judge selects what Autobahn calls `7.*` or `6.4.1`. */
export function patternsOf(cases: readonly string[]): string[] {
  return cases.filter((one) => one !== "*").map((one) => `autobahn:${one.replace(/\.?\*$/, "")}`);
}

/** Forgets the numbers that were not chosen: a case may cover several. */
export function narrow(
  results: readonly Result[],
  cases: readonly string[],
): Result[] {
  const stems = cases.map((one) => one.replace(/\.?\*$/, ""));
  const isChosen = (number: string): boolean =>
    stems.some((stem) => stem === "" || number === stem || number.startsWith(`${stem}.`));
  return results.map((result) => ({
    ...result,
    autobahn: result.autobahn.filter(isChosen),
  }));
}

/** Whether an image is pinned: named by its digest. */
export function isPinned(image: string): boolean {
  return /^[\w./:-]+@sha256:[0-9a-f]{64}$/.test(image);
}
