// Bare runtimes and isosocket give the known verdicts: a difference either way has to be explained.
//
// scripts/matrix.ts writes tests/expectations/*.json anew.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { expectationsOf, isExpected, isThere, judged, subjects } from "./subjects.ts";

/**
 * What a test has time for: without a thousand messages in 216 sets of parameters, and of each large
 * family a sample, always the same. The script plays the rest.
 */
const OPTIONS = { patterns: ["6455"], quick: true, seed: 2, timeout: 5000 };

for (const subject of subjects) {
  const skip = !isThere(subject) || !existsSync(expectationsOf(subject));
  test(`${subject.name} does as it is known to do`, { skip, timeout: 180_000 }, async () => {
    const expected: Record<string, string> = JSON.parse(
      await readFile(expectationsOf(subject), "utf8"),
    );
    const run = await judged(subject, OPTIONS);
    assert.equal(run.stopped, null);
    const changed = run.results.filter((result) => !isExpected(result, expected[result.id]));
    console.log(`${subject.name}: ${run.results.length} cases in ${run.ms} ms`);
    assert.deepEqual(
      changed.map(({ id, verdict, notes }) =>
        `${id}: ${expected[id] ?? "pass"} → ${verdict}: ${notes.join("; ")}`
      ),
      [],
    );
  });
}
