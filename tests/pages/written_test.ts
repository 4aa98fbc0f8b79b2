// Rules, deviations and verdicts on the pages are the committed ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asWritten, pages, readPage } from "../../scripts/written.ts";
import { rules } from "../../src/testing/contract/mod.ts";
import { deviations } from "../contract/deviations.ts";

for (const page of pages) {
  test(`${page} is up to date`, () => {
    assert.deepEqual(asWritten(page).stale, [], "Run: node scripts/matrix.ts --print");
  });
}

/** Normalizes text of a page or the title of a rule, for comparison. */
function plain(sentence: string): string {
  return sentence.replaceAll("`", "").replaceAll(/\n\s+/g, " ").toLowerCase();
}

test("each rule of the contract stands in docs/promises.md or docs/topics.md", () => {
  const text = plain(readPage("docs/promises.md") + readPage("docs/topics.md"));
  assert.deepEqual(Object.keys(rules).filter((rule) => !text.includes(`- ${plain(rule)}.`)), []);
});

test("each reason of a deviation stands in docs/deviations.md", () => {
  const text = plain(readPage("docs/deviations.md"));
  const reasons = Object.values(deviations).flatMap((rules) => Object.values(rules));
  assert.deepEqual(reasons.filter((reason) => !text.includes(` | ${plain(reason)} |`)), []);
});
