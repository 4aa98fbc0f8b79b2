// docs/brokers.md lists the rules of topics over a broker, and nothing else as a promise.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brokerRules } from "../../src/testing/contract/broker/mod.ts";
import { deviations } from "../brokers/deviations.ts";

const page = readFileSync(new URL("../../docs/brokers.md", import.meta.url), "utf8");

/** Normalizes a sentence of the page or the title of a rule, for comparison. */
function plain(sentence: string): string {
  return sentence[0]!.toLowerCase() + sentence.slice(1);
}

test("each sentence of docs/brokers.md that promises is a rule, and each rule is there", () => {
  const lists = page.slice(page.indexOf("\n### ")).replaceAll("`", "").replace(/\n {2}/g, " ");
  const lines = lists.split("\n").filter((line) => line !== "" && !line.startsWith("### "));
  for (const line of lines) assert.match(line, /^- .*\.$/);
  const sentences = lines.map((line) => plain(line.slice(2, -1)));
  assert.deepEqual(sentences.sort(), Object.keys(brokerRules).map(plain).sort());
});

test("each deviation of a broker is of a rule", () => {
  const named = Object.values(deviations).flatMap((rules) => Object.keys(rules));
  assert.deepEqual(named.filter((title) => !(title in brokerRules)), []);
});
