// What pages say of rules, deviations and verdicts is what is committed.

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

/** A sentence, so that a page and a rule can be compared. */
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
