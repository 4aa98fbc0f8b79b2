// docs/README.md leads to every page, and llms.txt says the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entries, llmsText } from "../../scripts/llms.ts";
import { pages, read } from "./page.ts";

/** Page of the index itself. */
const INDEX = "docs/README.md";

const listed = [...entries().values()].flat();

test("the index names every page once, and nothing else", () => {
  const paths = listed.map(({ path }) => path);
  assert.deepEqual(paths.toSorted(), pages.filter((page) => page !== INDEX).toSorted());
});

test("each line of a list in the index is an entry", () => {
  const lines = read(INDEX).split("\n").filter((line) => line.startsWith("- "));
  assert.equal(lines.length, listed.length);
});

test("an entry is a sentence", () => {
  for (const { title, description } of listed) assert.match(description, /^\S.*\.$/, title);
});

test("the README leads to the index", () => {
  assert.ok(read("README.md").includes("](docs/README.md)"));
});

test("llms.txt is up to date", () => {
  assert.equal(read("llms.txt"), llmsText(), "Run: node scripts/llms.ts");
});
