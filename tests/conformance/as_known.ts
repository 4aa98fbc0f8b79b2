/** Whether a subject does as it is known to do. @module */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Result, Run } from "../../src/conformance/result.ts";
import { expectationsOf, isExpected, isThere, type Judged, judged } from "./subjects.ts";

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

/** Declares the test. */
export function doesAsKnown(subject: Judged): void {
  const skip = !isThere(subject);
  test(`${subject.name} does as it is known to do`, { skip, timeout: 600_000 }, async () => {
    const expected: Record<string, string> = JSON.parse(
      await readFile(expectationsOf(subject), "utf8"),
    );
    const unexpected = (results: readonly Result[]): readonly Result[] =>
      results.filter((result) => !isExpected(result, expected[result.id]));
    const told = ({ id, verdict, notes }: Result): string =>
      `${id}: ${expected[id] ?? "pass"} → ${verdict}: ${notes.join("; ")}`;
    const run = await whole(subject);
    console.log(`${subject.name}: ${run.results.length} cases in ${run.ms} ms`);
    let changed = unexpected(run.results);
    for (let again = 0; again < RACES && changed.length > 0; again++) {
      const patterns = changed.map(({ id }) => id);
      console.log(`${subject.name}, once more:\n${changed.map(told).join("\n")}`);
      // All of them, not a sample; a pattern may mean others whose ids go on.
      const { results } = await judged(subject, { ...OPTIONS, patterns, quick: false });
      changed = unexpected(results.filter(({ id }) => patterns.includes(id)));
    }
    assert.deepEqual(changed.map(told), []);
  });
}
