// Code on the pages and in comments that `deno test --doc` skips type-checks.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fragmentOf, isFragment } from "../pages/fragment.ts";
import { blocks, blocksOf, filesIn, root } from "../pages/page.ts";

/** Files whose comments contain code that cannot be type-checked here, with the reason. */
const UNTYPED = new Map([
  ["src/adapters/bun/wrap.ts", "it is about what only Bun has"],
  ["src/conformance/case.ts", "it is a part of an object"],
]);

test("code that is marked `ts ignore` has the right types", () => {
  // Not in .build, which deno.json excludes.
  const folder = mkdtempSync(join(tmpdir(), "pages-"));
  try {
    // Code that imports other packages runs in a test too, but not all of them have types. Examples
    // are checked in their own files.
    const comments = filesIn("src", /\.ts$/).filter((file) => !UNTYPED.has(file)).flatMap(blocksOf);
    const left = [...blocks, ...comments].filter(({ info, code }) =>
      info === "ts ignore" && !/^\/\/ examples\/| from "(?!@isosocket|node:)/.test(code)
    );
    const harness = new URL("../pages/harness.ts", import.meta.url).href;
    for (const block of left) {
      const { page, line, code } = block;
      const file = join(folder, `${page.replaceAll(/\W/g, "_")}_${line}.ts`);
      writeFileSync(file, isFragment(block) ? fragmentOf(block, harness) : `${code}\nexport {};\n`);
    }
    const args = ["check", "--quiet", "--config", join(root, "deno.json"), folder];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(left.length > 10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
