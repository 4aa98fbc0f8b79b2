// Bare runtimes and isosocket get the known verdicts: any difference has to be explained.
//
// scripts/matrix.ts rewrites tests/expectations/*.json. Browsers have test files of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { doesAsKnown } from "./as_known.ts";
import { compressing, isThere, judged, subjects } from "./subjects.ts";

for (const subject of subjects) {
  if (subject.browser === undefined) doesAsKnown(subject);
}

/** Cases of RFC 7692: all except the families of a thousand messages, and a few of those. */
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
    // Bun's own server declines any window but the largest.
    const declined = subject.name === "isosocket-bun-server" ? /in-a-window-of-9-bits$/ : /^$/;
    const left = seen.filter(({ id, verdict }) => verdict !== "skip" || !declined.test(id));
    assert.deepEqual(left.map(({ id, verdict, notes }) => `${id}: ${verdict}: ${notes}`), []);
  });
}
