/**
 * A run as JUnit XML, for CI services.
 *
 * @module
 */

import type { Result, Run, WireEntry } from "../result.ts";
import { cite, sectionsOf, speaksAgainst, tally } from "./tally.ts";
import { visible } from "./visible.ts";

/**
 * Writes a run as JUnit XML: a suite for each section, a test for each case. A warning is a passed
 * test with its notes in `system-out`; in a strict run it is a failure.
 */
export function toJUnit(run: Run): string {
  const suites = sectionsOf(run.results).map((section) => {
    return suite(
      run,
      section,
      run.results.filter((result) => result.section === section),
    );
  });
  const sum = totals(run, run.results);
  const stopped = run.stopped === null ? [] : [
    `  <testsuite name="The run" tests="1" failures="0" errors="1" skipped="0" time="0.000">`,
    `    <testcase classname="${attribute(run.agent)}" name="is not cut short" time="0.000">`,
    `      <error message="${attribute(run.stopped)}" type="stopped"/>`,
    `    </testcase>`,
    `  </testsuite>`,
  ];
  const errors = stopped.length > 0 ? 1 : 0;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(`isosocket judge: ${run.agent}`)}" tests="${
      sum.tests + errors
    }" failures="${sum.failures}" errors="${errors}" skipped="${sum.skipped}" time="${
      seconds(run.ms)
    }">`,
    ...stopped,
    ...suites.flat(),
    "</testsuites>",
    "",
  ].join("\n");
}

function totals(
  run: Run,
  results: readonly Result[],
): { tests: number; failures: number; skipped: number } {
  const failures = results.filter((result) => speaksAgainst(run, result)).length;
  return { tests: results.length, failures, skipped: tally(results).skip };
}

function suite(
  run: Run,
  section: string,
  results: readonly Result[],
): string[] {
  const { tests, failures, skipped } = totals(run, results);
  const time = seconds(results.reduce((sum, { ms }) => sum + ms, 0));
  return [
    `  <testsuite name="${
      attribute(cite(section))
    }" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}" time="${time}"${
      timestamp(run)
    }>`,
    ...results.flatMap((result) => testcase(run, result)),
    `  </testsuite>`,
  ];
}

function timestamp({ started }: Run): string {
  return started ? ` timestamp="${attribute(started.replace(/(\.\d+)?Z$/, ""))}"` : "";
}

function testcase(run: Run, result: Result): string[] {
  const { id, ms, verdict, notes } = result;
  const open = `    <testcase classname="${attribute(run.agent)}" name="${attribute(id)}" time="${
    seconds(ms)
  }"`;
  if (verdict === "pass") return [`${open}/>`];
  const why = attribute(notes.join("; "));
  if (verdict === "skip") {
    return [`${open}>`, `      <skipped message="${why}"/>`, CLOSE];
  }
  const body = content(story(result));
  return speaksAgainst(run, result)
    ? [
      `${open}>`,
      `      <failure message="${why}" type="${verdict}">${body}</failure>`,
      CLOSE,
    ]
    : [`${open}>`, `      <system-out>Warning: ${body}</system-out>`, CLOSE];
}

const CLOSE = "    </testcase>";

/** Describes a result for people. */
function story(result: Result): string {
  const { requirement, section, level, autobahn, notes, expected, got, wire } = result;
  return [
    ...notes,
    `${requirement} (${cite(section)}, ${level.toUpperCase()})`,
    ...(autobahn.length > 0 ? [`Autobahn ${autobahn.join(", ")}`] : []),
    ...(expected ? [`Expected: ${expected}`] : []),
    ...(got ? [`Got: ${got}`] : []),
    ...wire.map(wireLine),
  ].map(visible).join("\n");
}

function wireLine({ at, from, text, hex }: WireEntry): string {
  return `${at.toFixed(2)} ms ${from}: ${text}${hex ? ` [${hex}]` : ""}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function content(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(
    />/g,
    "&gt;",
  );
}

function attribute(text: string): string {
  return content(visible(text)).replace(/"/g, "&quot;");
}
