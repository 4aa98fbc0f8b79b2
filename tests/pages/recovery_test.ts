// docs/recovery.md lists the contract's rules about histories, and nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { histories } from "../../src/testing/contract/broker/history.ts";
import { historyFaults } from "../../src/testing/contract/broker/history_faults.ts";

const page = readFileSync(new URL("../../docs/recovery.md", import.meta.url), "utf8");

/** Normalizes a sentence of the page or the title of a rule, for comparison. */
function plain(sentence: string): string {
  return sentence[0]!.toLowerCase() + sentence.slice(1);
}

test("each sentence in the lists of docs/recovery.md is a rule of the contract", () => {
  const section = page.slice(page.indexOf("## What is promised"), page.indexOf("## Cost"));
  const lists = section.replaceAll("`", "").replace(/\n {2}/g, " ");
  const sentences = [...lists.matchAll(/^- (.*)\.$/gm)].map(([, sentence]) => plain(sentence!));
  const rules = [histories, historyFaults].flatMap((some) => Object.keys(some));
  assert.deepEqual(sentences.sort(), rules.map(plain).sort());
});
