/**
 * Reports: functions from runs to text or files.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { fromJson, type Run, toJson, toTerminal } from "@isosocket/isosocket/conformance";
 *
 * const run: Run = {
 *   format: "isosocket-judge/1",
 *   agent: "echo",
 *   subject: "server",
 *   target: "ws://127.0.0.1:8000/",
 *   started: "2026-11-22T12:00:00.000Z",
 *   ms: 12,
 *   seed: null,
 *   strict: false,
 *   selected: 0,
 *   stopped: null,
 *   runtime: "node 24",
 *   results: [],
 * };
 * assert.deepEqual(fromJson(toJson([run])), [run]);
 * assert.match(toTerminal(run), /0 passed, 0 failed/);
 * ```
 *
 * @module
 */

export type { Subject } from "../case.ts";
export type { Ending, Result, Run, Side, Verdict, WireEntry, WireFrame } from "../result.ts";
export {
  type AutobahnEntry,
  type AutobahnIndex,
  type Behavior,
  behaviors,
  byNumber,
  toAutobahn,
} from "./autobahn.ts";
export { byCause, type CauseGroup, causeOf } from "./causes.ts";
export { type ComparisonOptions, type Difference, differences, toComparison } from "./compare.ts";
export {
  describeSurprises,
  type Expectations,
  expectationsFrom,
  isAsExpected,
  readExpectations,
  type Surprises,
  surprises,
  writeExpectations,
} from "./expectations.ts";
export { type FindingsOptions, toTerminal } from "./findings.ts";
export { toHtml } from "./html.ts";
export type { DumpOf } from "./page_data.ts";
export { FORMAT, fromJson, toJson } from "./json.ts";
export { toJUnit } from "./junit.ts";
export { toMarkdown } from "./markdown.ts";
export {
  casesInWords,
  cite,
  compareSections,
  duration,
  inWords,
  isFailure,
  labels,
  speaksAgainst,
  type Tally,
  tally,
} from "./tally.ts";
export { exitCode, progressBar, resultLines, summary } from "./terminal.ts";
export { clip, visible } from "./visible.ts";
