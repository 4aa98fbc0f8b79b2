// Mistakes of programs get the words that docs/mistakes.md lists: on every runtime the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mistake } from "./mistake.ts";
import { calls, handlers } from "./table.ts";
import { wordsOfCalls, wordsOfHandlers } from "./words.ts";

/** Returns the rows as a run has found them. The package has another name on npm. */
async function asFound(
  rows: readonly Mistake[],
  wordsOf: (codes: readonly string[]) => Promise<string[]>,
): Promise<Mistake[]> {
  const words = await wordsOf(rows.map(({ code }) => code));
  return rows.map(({ code }, at) => ({
    code,
    says: words[at]!.replaceAll('"isosocket/', '"@isosocket/isosocket/'),
  }));
}

for (const [where, rows] of Object.entries(calls)) {
  test(`${where}: ${rows.length} mistakes, and their words`, async () => {
    assert.deepEqual(await asFound(rows, wordsOfCalls), rows);
  });
}

test(`Handlers: ${handlers.length} mistakes, and their words`, async () => {
  assert.deepEqual(await asFound(handlers, wordsOfHandlers), handlers);
});
