/**
 * Runs in the format of the Autobahn test suite: `index.json` and a file for each case, for
 * dashboards and scripts that were made for Autobahn.
 *
 * The verdicts are ours, in Autobahn's words:
 *
 * | ours | behavior | behaviorClose |
 * | --- | --- | --- |
 * | pass | OK | OK |
 * | warn | NON-STRICT | OK |
 * | warn, for the code of the Close frame | OK | WRONG CODE |
 * | fail, timeout | FAILED | FAILED, or OK if the connection was closed cleanly nevertheless |
 * | skip | UNIMPLEMENTED | OK |
 *
 * The three cases that Autobahn never judges (7.1.6, 7.13.1, 7.13.2) are INFORMATIONAL in both
 * columns, unless they failed.
 *
 * @module
 */

import type { Result, Run, WireEntry } from "../result.ts";
import { compareSections, isFailure, labels, VERDICTS } from "./tally.ts";
import { visibleJson } from "./visible.ts";

/** Autobahn's words for verdicts, as far as they are used here. */
export type Behavior =
  | "OK"
  | "NON-STRICT"
  | "INFORMATIONAL"
  | "UNIMPLEMENTED"
  | "WRONG CODE"
  | "FAILED";

/** Entry of `index.json` about one case. */
export interface AutobahnEntry {
  /** Verdict on the behaviour in the case. */
  readonly behavior: Behavior;

  /** Verdict on the end of the connection. */
  readonly behaviorClose: Behavior;

  /** Duration in whole milliseconds. */
  readonly duration: number;

  /** Code in the peer's Close frame; `null` if there was none. */
  readonly remoteCloseCode: number | null;

  /** Name of the case's own file. */
  readonly reportfile: string;
}

/** Content of `index.json`: agents, and the cases of each by Autobahn number. */
export type AutobahnIndex = Readonly<
  Record<string, Readonly<Record<string, AutobahnEntry>>>
>;

const INFORMATIONAL: ReadonlySet<string> = new Set([
  "7.1.6",
  "7.13.1",
  "7.13.2",
]);

/**
 * Writes runs in the format of the Autobahn test suite.
 *
 * @returns The files by name: `index.json`, and one for each agent and Autobahn number covered.
 */
export function toAutobahn(runs: readonly Run[]): Map<string, string> {
  const files = new Map<string, string>();
  const index: Record<string, Record<string, AutobahnEntry>> = Object.create(
    null,
  );
  const names = labels(runs);
  const stems = stemsOf(names);
  for (const [at, run] of runs.entries()) {
    const entries: Record<string, AutobahnEntry> = {};
    const found = byNumber(run.results);
    const numbers = [...found.keys()].sort(compareSections);
    // Autobahn sorts its keys as text.
    for (const number of [...numbers].sort()) {
      const result = found.get(number)!;
      const reportfile = `${stems[at]!}_case_${number.replace(/\W/g, "_")}.json`;
      entries[number] = {
        ...behaviors(number, result),
        duration: Math.round(result.ms),
        remoteCloseCode: codeOf(result),
        reportfile,
      };
      const page = caseReport(
        run,
        names[at]!,
        number,
        numbers.indexOf(number) + 1,
        result,
      );
      files.set(reportfile, visibleJson(JSON.stringify(page, null, 3)) + "\n");
    }
    index[names[at]!] = entries;
  }
  return new Map([
    ["index.json", visibleJson(JSON.stringify(index, null, 3)) + "\n"],
    ...files,
  ]);
}

/** Returns the result for each Autobahn number: the worst, where several cases cover it. */
export function byNumber(results: readonly Result[]): Map<string, Result> {
  const found = new Map<string, Result>();
  for (const result of results) {
    for (const number of result.autobahn) {
      const other = found.get(number);
      const rank = (of: Result): number => VERDICTS.indexOf(of.verdict);
      if (other === undefined || rank(result) > rank(other)) {
        found.set(number, result);
      }
    }
  }
  return found;
}

/** Returns a verdict in Autobahn's words. */
export function behaviors(
  number: string,
  { verdict, ending }: Pick<Result, "verdict" | "ending">,
): Pick<AutobahnEntry, "behavior" | "behaviorClose"> {
  switch (verdict) {
    case "fail":
    case "timeout":
      return {
        behavior: "FAILED",
        behaviorClose: ending.clean ? "OK" : "FAILED",
      };
    case "skip":
      return { behavior: "UNIMPLEMENTED", behaviorClose: "OK" };
    default: {
      if (INFORMATIONAL.has(number)) {
        return { behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL" };
      }
      if (!ending.codeFits) return { behavior: "OK", behaviorClose: "WRONG CODE" };
      return {
        behavior: verdict === "warn" ? "NON-STRICT" : "OK",
        behaviorClose: "OK",
      };
    }
  }
}

/** Returns a unique beginning for the files of each agent. */
function stemsOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  for (const name of names) {
    const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "_").slice(0, 100);
    let stem = plain;
    for (let count = 2; taken.has(stem); count++) stem = `${plain}_${count}`;
    taken.add(stem);
  }
  return [...taken];
}

function codeOf({ ending }: Result): number | null {
  return ending.code === 1005 ? null : ending.code;
}

function caseReport(
  run: Run,
  agent: string,
  number: string,
  place: number,
  result: Result,
): Record<string, unknown> {
  const { ending, ms, expected, got, notes } = result;
  const began = Date.parse(run.started);
  const { behavior, behaviorClose } = behaviors(number, result);
  const by = (side: WireEntry["from"], word: RegExp): boolean =>
    result.wire.some(({ from, what, text }) => what === "tcp" && from === side && word.test(text));
  return {
    id: number,
    case: place,
    agent,
    isServer: run.subject === "client",
    description: `${result.id}: ${result.requirement}`,
    expectation: expected || result.requirement,
    started: run.started,
    reportTime: Number.isNaN(began) ? run.started : new Date(began + run.ms).toISOString(),
    duration: Math.round(ms),
    behavior,
    behaviorClose,
    expected: expected ? { OK: [expected] } : {},
    received: got ? [got] : [],
    expectedClose: {},
    result: notes.join("; ") || "As the standard asks",
    resultClose: ending.closedBy === null
      ? "No Close frame came"
      : `The ${ending.closedBy === "judge" ? "suite" : "peer"} closed first`,
    closedByMe: ending.closedBy === "judge",
    failedByMe: isFailure(result.verdict),
    droppedByMe: by("judge", /^(Ended|Reset|Dropped)/),
    wasClean: ending.clean,
    wasNotCleanReason: ending.clean ? null : notes.at(-1) ?? null,
    wasOpenHandshakeTimeout: false,
    wasCloseHandshakeTimeout: false,
    wasServerConnectionDropTimeout: false,
    localCloseCode: null,
    localCloseReason: null,
    remoteCloseCode: codeOf(result),
    remoteCloseReason: ending.code === null ? null : ending.reason,
    httpRequest: headOf(result, run.subject === "server" ? "judge" : "peer"),
    httpResponse: headOf(result, run.subject === "server" ? "peer" : "judge"),
    trafficStats: null,
    rxOctetStats: octetStats(result, "peer"),
    txOctetStats: octetStats(result, "judge"),
    rxFrameStats: frameStats(result, "peer"),
    txFrameStats: frameStats(result, "judge"),
    createStats: true,
    createWirelog: true,
    reportCompressionRatio: false,
    wirelog: result.wire.flatMap(wireLine),
  };
}

function headOf({ wire }: Result, side: WireEntry["from"]): string | null {
  return wire.find(({ what, from }) => what === "http" && from === side)
    ?.text ?? null;
}

function octetStats(
  { wire }: Result,
  side: WireEntry["from"],
): Record<string, number> {
  const sizes = wire.filter(({ from, size }) => from === side && size > 0);
  return countBy(sizes.map(({ size }) => size));
}

function frameStats(
  { wire }: Result,
  side: WireEntry["from"],
): Record<string, number> {
  const frames = wire.filter(({ from, what }) => from === side && what === "frame");
  return countBy(frames.map(({ frame }) => frame?.opcode ?? 0));
}

function countBy(numbers: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const number of numbers) counts[number] = (counts[number] ?? 0) + 1;
  return counts;
}

/** Returns the octets, then the frame: TO and TF if sent, RO and RF if received. */
function wireLine({ from, size, hex, text, frame }: WireEntry): unknown[][] {
  const way = from === "judge" ? "T" : "R";
  const lines: unknown[][] = [];
  if (hex !== undefined) lines.push([`${way}O`, [size, hex]]);
  if (frame !== undefined) {
    const { opcode, fin, rsv, masked, length } = frame;
    lines.push([`${way}F`, [length, text], opcode, fin, rsv, masked, null]);
  }
  return lines;
}
