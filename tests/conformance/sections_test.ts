// Every case cites a section that exists, and is complete.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../src/conformance/cases/mod.ts";
import { bugIds, bugsOf } from "../../src/conformance/known_bugs.ts";
import { findSection } from "../../src/conformance/sections.ts";

test("every case cites a section that exists", () => {
  const unknown = cases.filter(({ section }) => findSection(section) === undefined);
  assert.deepEqual(unknown.map(({ id }) => id), []);
});

test("every id is unique, and is its section and a behaviour", () => {
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
  for (const { id, section } of cases) {
    assert.ok(id.startsWith(`${section}/`), id);
    assert.match(id.slice(section.length + 1), /^[a-z0-9]+(-[a-z0-9.]+)+$/, id);
  }
});

test("every bug of the wild is named by a case, and has a record", () => {
  const ids = new Set(cases.map(({ id }) => id));
  for (const id of bugIds) {
    assert.ok(ids.has(id), id);
    for (const bug of bugsOf(id)) {
      assert.match(
        bug,
        /\bCVE-\d{4}-\d{4,}: |\(github\.com\/[^/]+\/[^/]+\/(?:issues|pull)\/\d+\)$|\(tried\)$/,
      );
    }
  }
  assert.deepEqual(bugsOf("toString"), []);
});

test("every case has a requirement, steps and a subject", () => {
  for (const { id, requirement, steps, judges } of cases) {
    assert.match(requirement, /^[A-Z0-9].*[^.]$/s, id);
    assert.ok(steps.length > 0, id);
    assert.ok(judges.length > 0, id);
  }
});

test("findSection() distinguishes the two documents", () => {
  assert.deepEqual(findSection("7.2.1")?.title, "Client-Initiated Closure");
  assert.deepEqual(findSection("7692:7.2.1")?.title, "Compression");
  assert.equal(
    findSection("7692:7.2.1")?.url,
    "https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1",
  );
  assert.equal(findSection("5.9"), undefined);
  assert.equal(findSection("toString"), undefined);
});
