// The README's tables are those of what is committed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readReadme, withTables } from "../scripts/readme_tables.ts";

test("the README's tables are up to date", () => {
  const readme = readReadme();
  assert.equal(
    readme,
    withTables(readme),
    "Run: node scripts/matrix.ts --print",
  );
});
