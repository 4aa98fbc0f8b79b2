/** Tests that a subject gets the verdicts in its expectations. @module */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Result, Run } from "../../src/conformance/result.ts";
import { expectationsOf, isExpected, isThere, type Judged, judged } from "./subjects.ts";

/**
 * Options that suit the time of a test: without a thousand messages in 216 sets of parameters, and
 * with a sample of each large family, always the same. `scripts/matrix.ts` plays all.
 */
const OPTIONS = { patterns: ["6455"], quick: true, seed: 2, timeout: 5000 };

/**
 * Number of times that unexpected results are played again. The behaviour at the end of a
 * connection is often a race between threads; a real change shows each time.
 */
const RACES = 3;

/**
 * Judges a subject. Node's own WebSocket sometimes fires no close event, and its program ends
 * early.
 */
async function completeRun(subject: Judged): Promise<Run> {
  let run = await judged(subject, OPTIONS);
  for (let again = 0; again < RACES && run.stopped !== null; again++) {
    console.log(`${subject.name}: ${run.stopped}, again`);
    run = await judged(subject, OPTIONS);
  }
  assert.equal(run.stopped, null);
  return run;
}

/** Declares the test of a subject. */
export function doesAsKnown(subject: Judged): void {
  const skip = !isThere(subject);
  test(`${subject.name} gets the known verdicts`, { skip, timeout: 600_000 }, async () => {
    const expected: Record<string, string> = JSON.parse(
      await readFile(expectationsOf(subject), "utf8"),
    );
    const unexpected = (results: readonly Result[]): readonly Result[] =>
      results.filter((result) => !isExpected(result, expected[result.id]));
    const describe = ({ id, verdict, notes }: Result): string =>
      `${id}: ${expected[id] ?? "pass"} → ${verdict}: ${notes.join("; ")}`;
    const run = await completeRun(subject);
    console.log(`${subject.name}: ${run.results.length} cases in ${run.ms} ms`);
    let changed = unexpected(run.results);
    for (let again = 0; again < RACES && changed.length > 0; again++) {
      const patterns = changed.map(({ id }) => id);
      console.log(`${subject.name}, again:\n${changed.map(describe).join("\n")}`);
      // All of them, not a sample; a pattern may match other ids that begin with it.
      const { results } = await judged(subject, { ...OPTIONS, patterns, quick: false });
      changed = unexpected(results.filter(({ id }) => patterns.includes(id)));
    }
    assert.deepEqual(changed.map(describe), []);
  });
}
