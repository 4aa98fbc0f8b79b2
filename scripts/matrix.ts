/**
 * Judges bare runtimes, browsers, and isosocket on each runtime; writes the verdicts that are not a
 * pass into tests/expectations, and the tables that follow into the README and the pages of docs/.
 *
 * ```sh
 * node scripts/matrix.ts [--print] [--html DIR] [NAME …]
 * ```
 *
 * `--print` judges nothing: it writes the pages from the committed verdicts.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { inWords, tally, toHtml } from "../src/conformance/report/mod.ts";
import type { Run } from "../src/conformance/result.ts";
import type { RunOptions } from "../src/conformance/run_options.ts";
import {
  expectationsOf,
  isThere,
  judged,
  notPasses,
  subjects,
} from "../tests/conformance/subjects.ts";
import { writeMatrix } from "./matrix/write.ts";
import { conformanceTable, writePages } from "./written.ts";

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
  const options = { patterns: ["6455"], full: true, timeout: 5000 };
  const run = await judged(subject, options);
  // Repeated, since races change verdicts. Browsers race most: some verdicts change only one time in
  // five.
  const seen = [run];
  const repeat = async (times: number, what: RunOptions): Promise<void> => {
    for (let time = 0; time < times; time++) seen.push(await judged(subject, what));
  };
  if (subject.browser) {
    await repeat(2, options);
    await repeat(12, { ...options, patterns: Object.keys(notPasses(...seen)) });
  } else {
    await repeat(2, { ...options, full: false, quick: true, seed: 2 });
  }
  const text = JSON.stringify(notPasses(...seen), null, 2);
  runs.push(run);
  if (run.stopped !== null) {
    console.error(
      `${subject.name}: ${run.stopped}, after ${run.results.length} cases`,
    );
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

writePages();
writeMatrix();
console.log(conformanceTable());
process.exitCode = runs.some(({ stopped }) => stopped !== null) ? 1 : 0;
