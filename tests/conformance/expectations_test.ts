// Bare runtimes and isosocket give the known verdicts: a difference either way has to be explained.
//
// scripts/matrix.ts writes tests/expectations/*.json anew.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Result, Run } from "../../src/conformance/result.ts";
import {
  compressing,
  expectationsOf,
  isExpected,
  isThere,
  type Judged,
  judged,
  subjects,
} from "./subjects.ts";

/**
 * What a test has time for: without a thousand messages in 216 sets of parameters, and of each large
 * family a sample, always the same. The script plays the rest.
 */
const OPTIONS = { patterns: ["6455"], quick: true, seed: 2, timeout: 5000 };

/**
 * How often what is not as expected is played again. What a subject does at the end of a connection
 * is often a race between its threads; a real change shows each time.
 */
const RACES = 3;

/** Plays all. Node's own WebSocket now and then fires no close event, and its program ends early. */
async function whole(subject: Judged): Promise<Run> {
  let run = await judged(subject, OPTIONS);
  for (let again = 0; again < RACES && run.stopped !== null; again++) {
    console.log(`${subject.name}: ${run.stopped}, so once more`);
    run = await judged(subject, OPTIONS);
  }
  assert.equal(run.stopped, null);
  return run;
}

for (const subject of subjects) {
  const skip = !isThere(subject) || !existsSync(expectationsOf(subject));
  test(`${subject.name} does as it is known to do`, { skip, timeout: 600_000 }, async () => {
    const expected: Record<string, string> = JSON.parse(
      await readFile(expectationsOf(subject), "utf8"),
    );
    const unexpected = ({ results }: Run): readonly Result[] =>
      results.filter((result) => !isExpected(result, expected[result.id]));
    const run = await whole(subject);
    console.log(`${subject.name}: ${run.results.length} cases in ${run.ms} ms`);
    let changed = unexpected(run);
    for (let again = 0; again < RACES && changed.length > 0; again++) {
      const patterns = changed.map(({ id }) => id);
      console.log(`${subject.name}: once more ${patterns.join(", ")}`);
      changed = unexpected(await judged(subject, { ...OPTIONS, patterns }));
    }
    assert.deepEqual(
      changed.map(({ id, verdict, notes }) =>
        `${id}: ${expected[id] ?? "pass"} → ${verdict}: ${notes.join("; ")}`
      ),
      [],
    );
  });
}

/** Of RFC 7692, all but the families of a thousand messages; of those, a few. */
const COMPRESSION = [
  "7692:6",
  "7692:7.1/declines",
  "7692:5.1/takes",
  "7692:7.2.2",
  "7692:7.2.3",
  "7692:7.2/repeats-1000-times-1-kib-of-json",
  "7692:7.1.1/repeats-1000-times-1-kib",
  "7692:7.1.2/repeats-1000-times-1-kib-of-json-in-a-window-of-9",
  "10.4/defuses-a-bomb",
  "10.4/serves-others-after-a-bomb",
  "8.1/refuses-a-compressed",
];

for (const subject of compressing) {
  const title = `${subject.name} compresses as RFC 7692 asks`;
  test(title, { skip: !isThere(subject), timeout: 120_000 }, async () => {
    const run = await judged(subject, { patterns: COMPRESSION, timeout: 10_000 });
    console.log(`${subject.name}: ${run.results.length} cases in ${run.ms} ms`);
    assert.equal(run.stopped, null);
    const seen = run.results.filter(({ verdict }) => verdict !== "pass");
    // Bun's own server declines a window that is not the largest.
    const declined = subject.name === "isosocket-bun-server" ? /in-a-window-of-9-bits$/ : /^$/;
    const left = seen.filter(({ id, verdict }) => verdict !== "skip" || !declined.test(id));
    assert.deepEqual(left.map(({ id, verdict, notes }) => `${id}: ${verdict}: ${notes}`), []);
  });
}
