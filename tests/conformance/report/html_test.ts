import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { toHtml } from "../../../src/conformance/report/mod.ts";
import type { PageData } from "../../../src/conformance/report/page_data.ts";
import { failure, NASTY, nastyRun, result, run, warning } from "./sample.ts";

const one = run([
  result("5.10/later"),
  failure("5.5/refuses"),
  result("7692:7.1/takes"),
]);
const other = run([result("5.5/refuses")], { agent: "other" });

function dataOf(html: string): PageData {
  return JSON.parse(
    /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!,
  );
}

function detailsOf({ details }: PageData, at: number) {
  return JSON.parse(gunzipSync(Buffer.from(details[at]!, "base64")).toString());
}

test("toHtml() contains every case once, in the order of the standards", () => {
  const data = dataOf(toHtml([one, other]));
  assert.deepEqual(data.agents.map(({ name }) => name), ["echo", "other"]);
  assert.deepEqual(data.cases.map(({ id, verdicts }) => [id, verdicts]), [
    ["5.5/refuses", "fp"],
    ["5.10/later", "p-"],
    ["7692:7.1/takes", "p-"],
  ]);
  assert.equal(data.sections[0]!.chapter, "RFC 6455 · 5 Data Framing");
  const [mine, theirs] = detailsOf(data, 0);
  assert.equal(mine.got, 'Pong "half"');
  assert.deepEqual(mine.wire, one.results[1]!.wire);
  assert.deepEqual(theirs.notes, []);
  assert.equal(detailsOf(data, 1)[1], null);
});

test("toHtml() cuts the long wire log of a pass, never that of a failure", () => {
  const wire = Array.from({ length: 80 }, () => result("").wire[3]!);
  const data = dataOf(
    toHtml([run([result("5.1/a", { wire }), failure("5.1/b", { wire })])]),
  );
  const [pass, fail] = [0, 1].map((at) => detailsOf(data, at)[0].wire);
  assert.equal(pass.length, 33);
  assert.deepEqual(pass[24], {
    at: 1,
    from: "judge",
    what: "gap",
    text: "48 lines left out: it passed",
    size: 480,
  });
  assert.equal(fail.length, 80);
});

test("toHtml() allows no script but its own, and loads nothing from the network", () => {
  const html = toHtml([one]);
  const script = /<script>([^]*)<\/script>/.exec(html)![1]!;
  const style = /<style>([^]*)<\/style>/.exec(html)![1]!;
  const digest = (text: string): string => createHash("sha256").update(text).digest("base64");
  assert.ok(html.includes(`script-src 'sha256-${digest(script)}'`));
  assert.ok(html.includes(`style-src 'sha256-${digest(style)}'`));
  assert.ok(html.includes("default-src 'none'"));
  assert.doesNotMatch(
    html,
    /<link|<img|<iframe|@import|url\(|src=|\sstyle=|\son\w+=/i,
  );
  assert.doesNotMatch(
    script,
    /innerHTML|outerHTML|insertAdjacent|document\.write|eval/,
  );
  new Function(script); // It is a script.
});

test("toHtml() contains what a subject sent as text only", () => {
  const html = toHtml([nastyRun(), one]);
  assert.equal(html.match(/<script/g)!.length, 2);
  assert.equal(html.match(/<\/script>/g)!.length, 2);
  assert.doesNotMatch(html, /<img/);
  const data = dataOf(html);
  assert.equal(data.agents[0]!.name, NASTY);
  const place = data.cases.findIndex(({ id }) => id.includes("script"));
  assert.equal(detailsOf(data, place)[0].got, NASTY);
});

test("toHtml() has what did not pass as text, if somebody can write it", () => {
  const asked: string[] = [];
  const html = toHtml(
    [run([...one.results, warning("5.5/warns")]), nastyRun()],
    (id, { subject }) => {
      asked.push(`${subject} ${id}`);
      return id === "5.5/refuses" ? NASTY : undefined;
    },
  );
  assert.deepEqual(asked, [
    "server 5.5/refuses",
    "server 5.5/warns",
    `server 5.5/${NASTY}`,
    "server 5.5/b",
  ]);
  const data = dataOf(html);
  const dumps = data.cases.flatMap((_, at) => detailsOf(data, at))
    .filter((found) => found !== null).map(({ dump }) => dump ?? null);
  assert.deepEqual(dumps.filter((dump) => dump !== null), [NASTY]);
  assert.equal(html.match(/<script/g)!.length, 2);
  assert.doesNotMatch(html, /<img/);
});

test("toHtml() of no runs and of empty runs is a page", () => {
  assert.deepEqual(dataOf(toHtml([])).cases, []);
  assert.deepEqual(dataOf(toHtml([run([])])).cases, []);
});
