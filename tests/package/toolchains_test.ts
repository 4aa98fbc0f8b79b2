// The installed package where other tools load it: test runners, TypeScript's loaders, and bundlers for
// pages and servers. Each row of docs/toolchains.md is a test, or says why it is none.
//
// They take two minutes, so a share of them runs; `npm test -- --all package` runs all.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { isInShare, seed } from "../../scripts/run/sample.mjs";
import { ROOT, whyNot } from "./consumer.ts";
import { makeProject, WAYS, withoutModules } from "./toolchains.ts";

/** Number of shares, of which one runs. */
const SHARES = 4;

before(makeProject);

const chosen = Object.entries(WAYS).filter(([name]) => isInShare(name, 0, SHARES));
console.log(`Seed ${seed()}: ${chosen.map(([name]) => name).join(", ") || "none"}`);

for (const [name, check] of chosen) {
  test(`the package loads with ${name}`, check);
}

for (const runtime of ["Node 20", "Node 24"]) {
  test(
    `require() loads what it needs where it loads no ES module, on ${runtime}`,
    { skip: whyNot(runtime) },
    () => withoutModules(runtime),
  );
}

/** The cells of a row of a table of a page. */
const CELL = /(?<=\|)[^|\n]+(?=\|)/g;

test("docs/toolchains.md has what is tried here, and says of the rest why it is not", async () => {
  const page = await readFile(join(ROOT, "docs/toolchains.md"), "utf8");
  const rows = [...page.matchAll(/^\|.*\|$/gm)].map(([row]) => row.match(CELL)!)
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([first]) => !/^-+:?$/.test(first!) && first !== "With");
  const untried = rows.filter((cells) => cells.at(-1)!.startsWith("Untried"));
  const tried = rows.filter((row) => !untried.includes(row));
  assert.ok(untried.length > 0);
  assert.deepEqual(
    tried.map(([name]) => name!.replaceAll("`", "")).sort(),
    Object.keys(WAYS).sort(),
  );
});

test("docs/toolchains.md names the versions that are tried", async () => {
  const page = await readFile(join(ROOT, "docs/toolchains.md"), "utf8");
  for (const folder of ["scripts/toolchains", "scripts"]) {
    const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
      await readFile(join(ROOT, folder, "package.json"), "utf8"),
    );
    for (const [, name, version] of page.matchAll(/`([^`\s]+)@(\d[^`\s]*)`/g)) {
      if (!Object.hasOwn(devDependencies, name!)) continue;
      assert.equal(version, devDependencies[name!], name);
    }
  }
});
