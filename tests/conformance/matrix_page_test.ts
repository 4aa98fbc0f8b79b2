// The public matrix is the one that its data make, and says nothing in a subject's own markup.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { matrixPage } from "../../scripts/matrix/page.ts";
import { PAGE, readJudgements } from "../../scripts/matrix/write.ts";
import { findSection } from "../../src/conformance/sections.ts";
import { foreign } from "./foreign/subjects.ts";
import { subjects } from "./subjects.ts";

test("docs/matrix.html is made of the committed judgements", () => {
  const hint = "`node scripts/matrix.ts --print` writes it";
  assert.equal(readFileSync(PAGE, "utf8"), matrixPage(readJudgements()), hint);
});

test("every judgement is of a subject, and cites sections", () => {
  const names = [...subjects, ...foreign].map(({ name }) => name);
  for (const { name, sections, failures, date } of readJudgements()) {
    assert.ok(names.includes(name), name);
    assert.match(date, /^\d{4}-\d\d-\d\d$/);
    for (const section of Object.keys(sections)) assert.ok(findSection(section), section);
    for (const id of Object.keys(failures)) assert.ok(sections[id.split("/")[0]!], id);
  }
});

test("what a subject sent is text on the page", () => {
  const page = matrixPage([{
    name: "x-server",
    title: "<b>x</b>",
    kind: "server",
    version: '"1"',
    date: "2026-01-01",
    sections: { "5.5": [1, 0, 1, 0, 0] },
    failures: { "5.5/refuses-a-ping": "fail: </li><script>alert(1)</script>" },
  }]);
  assert.ok(!page.includes("<script>alert") && !page.includes("<b>x"));
  assert.match(page, /&#60;script&#62;alert\(1\)/);
  assert.match(
    page,
    /title="Control: 1 passed, 0 warned, 1 failed, 0 timed out, 0 skipped">1 of 2</,
  );
});
