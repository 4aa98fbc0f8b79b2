/**
 * Judges bare runtimes and isosocket on each, writes what is not right into tests/expectations, and
 * prints the table for the README.
 *
 * ```sh
 * node scripts/matrix.ts [--print] [--html DIR] [NAME …]
 * ```
 *
 * `--print` judges nobody: the table comes from what is committed.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { cases } from "../src/conformance/cases/mod.ts";
import { inWords, tally, toHtml } from "../src/conformance/report/mod.ts";
import type { Run } from "../src/conformance/result.ts";
import { select } from "../src/conformance/selection.ts";
import {
  expectationsOf,
  isThere,
  type Judged,
  judged,
  notPasses,
  subjects,
} from "../tests/conformance/subjects.ts";

const { values, positionals } = parseArgs({
  options: { print: { type: "boolean" }, html: { type: "string" } },
  allowPositionals: true,
});

const chosen = subjects.filter(({ name }) =>
  positionals.length === 0 || positionals.some((part) => name.includes(part))
);

const runs: Run[] = [];
for (const subject of values.print ? [] : chosen) {
  if (!isThere(subject)) {
    console.error(`${subject.name}: its runtime is not installed`);
    continue;
  }
  const options = { patterns: ["6455"], timeout: 5000 };
  const run = await judged(subject, options);
  // What is a race shows when it is run again.
  const again = { ...options, quick: true, seed: 2 };
  const text = JSON.stringify(
    notPasses(run, await judged(subject, again), await judged(subject, again)),
    null,
    2,
  );
  runs.push(run);
  if (run.stopped !== null) {
    console.error(`${subject.name}: ${run.stopped}, after ${run.results.length} cases`);
    continue;
  }
  await writeFile(expectationsOf(subject), `${text}\n`);
  console.error(
    `${subject.name}: ${inWords(tally(run.results))} in ${(run.ms / 1000).toFixed(1)} s`,
  );
}
if (values.html !== undefined) {
  await mkdir(values.html, { recursive: true });
  await writeFile(join(values.html, "index.html"), toHtml(runs));
}

/** A row of the table, from what is committed. */
async function row(subject: Judged): Promise<string[]> {
  const known: Record<string, string> = JSON.parse(
    await readFile(expectationsOf(subject), "utf8"),
  );
  const counts: Record<string, number> = { fail: 0, warn: 0, skip: 0 };
  for (const reason of Object.values(known)) counts[/fail|warn|skip/.exec(reason)![0]]!++;
  const total = select(cases, subject.kind, { patterns: ["6455"] }).length;
  const passed = total - counts["fail"]! - counts["warn"]! - counts["skip"]!;
  return [subject.name, passed, counts["warn"], counts["fail"], counts["skip"]].map(String);
}

console.log("| subject | passed | warned | failed | skipped |\n|---|---:|---:|---:|---:|");
for (const subject of subjects) {
  if (!existsSync(expectationsOf(subject))) continue;
  console.log(`| ${(await row(subject)).join(" | ")} |`);
}
process.exitCode = runs.some(({ stopped }) => stopped !== null) ? 1 : 0;
