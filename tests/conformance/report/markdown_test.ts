import assert from "node:assert/strict";
import { test } from "node:test";
import { toMarkdown } from "../../../src/conformance/report/mod.ts";
import { failure, NASTY, nastyRun, result, run, skip, UNSHOWN, warning } from "./sample.ts";

test("toMarkdown() has the counts, what speaks against the subject, and the sections", () => {
  const results = [result("5.5/a"), failure("5.5/b"), warning("5.5/c"), skip("7692:6/d")];
  const text = toMarkdown([run(results)]);
  assert.match(text, /^## ❌ echo\n\nserver&#44; ws&#58;.*: 4 cases in 8\.4 s, 1 passed, 1 warned/);
  assert.match(
    text,
    /\n\| fail \| 5&#46;5&#47;b \| Expected Close 1002&#44; got Pong &#34;half&#34; \|\n/,
  );
  assert.doesNotMatch(text, /\| warn \|/);
  assert.match(toMarkdown([run(results, { strict: true })]), /\n\| warn \| 5&#46;5&#47;c \|/);
  assert.match(text, /\n\| 5&#46;5 Control Frames \| 1 \| 1 \| 1 \| {2}\|\n/);
});

test("toMarkdown() tells what is right, and what was cut short", () => {
  assert.match(toMarkdown([run([result("5.5/a")])]), /^## ✅ echo\n/);
  const cut = toMarkdown([run([], { selected: 9, stopped: "Interrupted" })]);
  assert.match(cut, /^## ❌ echo\n[^]*: 0 of 9 cases [^]*\*\*Stopped:\*\* Interrupted\n/);
  assert.equal(toMarkdown([]), "");
});

test("toMarkdown() is small, however many cases fail", () => {
  const many = Array.from(
    { length: 2000 },
    (_, at) => failure(`5.5/${at}`, { notes: ["<".repeat(5000)] }),
  );
  const text = toMarkdown([run(many)]);
  assert.ok(text.length < 1_000_000, `${text.length}`);
  assert.match(text, /\n1800 cases more: see the page\n/);
});

test("toMarkdown() contains what a subject sent as text only", () => {
  const hostile = `${NASTY} @everyone #1 https://a.example www.a.example | a | \n::error::x\n# b`;
  for (const text of [toMarkdown([nastyRun()]), toMarkdown([run([], { agent: hostile })])]) {
    assert.doesNotMatch(text, UNSHOWN);
    assert.doesNotMatch(
      text,
      /<(?!\/?details>|\/?summary>)|https?:|www\.|@|^::|javascript:|`|\[|(?<!\*)\*(?!\*)/m,
    );
  }
  const [heading] = toMarkdown([run([], { agent: hostile })]).split("\n", 1);
  assert.match(heading!, /&#92;n&#58;&#58;error&#58;&#58;x/);
});
