// Fragments on the pages (`ts ignore`) run too, with a harness that has what they do not declare.
// Complete programs are run by `deno test --doc`, or by a test of their own.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { fragmentOf, isFragment } from "./fragment.ts";
import * as harness from "./harness.ts";
import { blocks, root } from "./page.ts";

mkdirSync(join(root, ".build"), { recursive: true });
const folder = mkdtempSync(join(root, ".build/fragments-"));

after(async () => {
  rmSync(folder, { recursive: true });
  await harness.end();
});

for (const block of blocks.filter(isFragment)) {
  const { page, line } = block;
  test(`${page}, line ${line}, runs`, async () => {
    const file = join(folder, `${page.replaceAll(/\W/g, "_")}_${line}.ts`);
    writeFileSync(file, fragmentOf(block, new URL("harness.ts", import.meta.url).href));
    await import(pathToFileURL(file).href);
    await harness.settle();
  });
}

test("there are fragments", () => {
  assert.ok(blocks.some(isFragment));
});
