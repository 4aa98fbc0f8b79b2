// docs/libraries.md names what tests/interop tries, in which version, where, and by which code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ELSEWHERE, FAILING, LIBRARIES } from "../browser/interop_libraries.ts";
import { filesIn, read } from "./page.ts";

/** Tests of tests/interop that try no client library. */
const OTHERS = /\/(frameworks|two_copies|realms)_test\.ts$/;

const page = read("docs/libraries.md");
const { devDependencies } = JSON.parse(read("package.json"));

/** Rows of the first table: library, its test, version, code. */
const rows = [...page.matchAll(/^\| \[`(\S+)`\]\(\.\.\/(\S+)\) +\| (\S+) +\| `(.*)` +\|$/gm)]
  .map(([, library, path, version, code]) => ({ library, path, version, code } as const));

/** Rows of the second table: library, and where it was tried. */
const tried = [...page.matchAll(/^\| `(\S+)` +\|.*\| (\S+) +\| (\S+) +\| (\S+) +\| (\S+) +\|$/gm)]
  .map(([, library, deno, bun, node, chromium]) => ({ library, deno, bun, node, chromium }));

/** Code without casts, line breaks and what goes with them. */
function bare(code: string): string {
  return code.replaceAll(/ as unknown as (?:typeof )?[\w.]+/g, "").replaceAll(/\s+/g, "")
    .replaceAll(/,(?=[)}])/g, "");
}

test("docs/libraries.md has each library that is tried, in the version that is", () => {
  const tests = filesIn("tests/interop", /_test\.ts$/).filter((path) => !OTHERS.test(path));
  assert.deepEqual(rows.map(({ path }) => path).sort(), tests);
  for (const { library, version } of rows) {
    assert.equal(version, devDependencies[library!], library);
  }
  for (const realm of ["jsdom", "happy-dom"]) {
    assert.ok(page.includes(`${realm} ${devDependencies[realm]}`), realm);
  }
});

for (const { library, path, code } of rows) {
  test(`docs/libraries.md gives our class to ${library} as its test does`, () => {
    const text = bare(read(path!));
    assert.ok(read(path!).includes(`"${library}`), "it is not imported");
    let at = 0;
    for (const part of bare(code!).split("…")) {
      const found = text.indexOf(part, at);
      assert.ok(found >= 0, part);
      at = found + part.length;
    }
  });
}

test("docs/libraries.md says where each library is tried", () => {
  const expected = rows.map(({ library, path }) => {
    const name = /(\w+)_test\.ts$/.exec(path!)![1]!;
    const inPage = LIBRARIES.includes(name);
    assert.notEqual(inPage, name in ELSEWHERE, name);
    return {
      library,
      deno: "yes",
      bun: "yes",
      node: "yes",
      chromium: inPage && !(name in FAILING) ? "yes" : "–",
    };
  });
  assert.deepEqual(tried, expected);
});
