// docs/topics.md lists the contract's rules about topics, and nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { topics } from "../../src/testing/contract/rules/topics.ts";
import { topicsInOrder } from "../../src/testing/contract/rules/topics_in_order.ts";
import { topicsUnderLoad } from "../../src/testing/contract/rules/topics_under_load.ts";

const page = readFileSync(new URL("../../docs/topics.md", import.meta.url), "utf8");

/** Normalizes a sentence of the page or the title of a rule, for comparison. */
function plain(sentence: string): string {
  return sentence[0]!.toLowerCase() + sentence.slice(1);
}

test("each sentence of docs/topics.md is a rule of the contract, and each rule is there", () => {
  const lists = page.slice(page.indexOf("\n## ")).replaceAll("`", "").replace(/\n {2}/g, " ");
  const lines = lists.split("\n").filter((line) => line !== "" && !line.startsWith("## "));
  for (const line of lines) assert.match(line, /^- .*\.$/);
  const sentences = lines.map((line) => plain(line.slice(2, -1)));
  const rules = [topics, topicsInOrder, topicsUnderLoad].flatMap((some) => Object.keys(some));
  assert.deepEqual(sentences.sort(), rules.map(plain).sort());
});
