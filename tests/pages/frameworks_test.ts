// docs/frameworks.md shows the examples unchanged, and where they run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLES } from "../examples/frameworks.ts";
import { blocksOf, read } from "./page.ts";

const page = "docs/frameworks.md";

test("docs/frameworks.md shows each example as it is", () => {
  const shown = blocksOf(page).map(({ code }) => `${code}\n`);
  assert.deepEqual(shown, Object.keys(EXAMPLES).map((name) => read(`examples/${name}.ts`)));
});

test("docs/frameworks.md names what is tested, where, and in which version", () => {
  const { devDependencies } = JSON.parse(read("package.json"));
  const rows = [
    ...read(page).matchAll(/^\| \[(\w+)\.ts\]\S+ +\| (.*?) +\| (.*?) +\| (.*?) +\| (.*?) +\|$/gm),
  ];
  const documented = rows.map(([, name, what, deno, bun, node]) => [
    name,
    /^`(\S+)` (\S+)$/.exec(what!)?.slice(1),
    { deno, bun, node },
  ]);
  const tested = Object.entries(EXAMPLES).map(([name, { of, on }]) => [
    name,
    of === undefined ? undefined : [of, devDependencies[of]],
    {
      deno: on.includes("deno") ? "yes" : "–",
      bun: on.includes("bun") ? "yes" : "–",
      node: on.includes("node") ? "yes" : "–",
    },
  ]);
  assert.deepEqual(documented, tested);
});
