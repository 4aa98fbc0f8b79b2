import assert from "node:assert/strict";
import { test } from "node:test";
import {
  disagreements,
  isPinned,
  matters,
  narrow,
  patternsOf,
  report,
  type Theirs,
} from "../../../scripts/autobahn_compare.ts";
import type { Result } from "../../../src/conformance/result.ts";
import { failure, result, skip, warning } from "./sample.ts";

const says = (behavior: string, behaviorClose = "OK"): Theirs => ({
  behavior,
  behaviorClose,
});
const autobahn = ["1.1.1"];
const [pass, warn, fail, skipped] = [result, warning, failure, skip].map((
  make,
) => make("5.6/case", { autobahn })) as [Result, Result, Result, Result];

function kind(theirs: Theirs, ...ours: Result[]): string | undefined {
  return disagreements({ "1.1.1": theirs }, ours)[0]?.kind;
}

test("disagreements() finds none between equivalent verdicts", () => {
  assert.equal(kind(says("OK"), pass), undefined);
  assert.equal(kind(says("NON-STRICT"), warn), undefined);
  assert.equal(kind(says("FAILED", "FAILED"), fail), undefined);
  assert.equal(kind(says("FAILED", "FAILED"), { ...fail, verdict: "timeout" }), undefined);
  assert.equal(kind(says("OK", "WRONG CODE"), warn), undefined);
  assert.equal(kind(says("UNIMPLEMENTED"), skipped), undefined);
  for (const ours of [pass, warn]) {
    assert.equal(kind(says("INFORMATIONAL", "INFORMATIONAL"), ours), undefined);
  }
});

test("disagreements() reports which side is stricter", () => {
  assert.equal(kind(says("FAILED"), pass), "looser");
  assert.equal(kind(says("OK", "FAILED BY CLIENT"), warn), "looser");
  assert.equal(kind(says("NON-STRICT"), pass), "looser");
  assert.equal(kind(says("OK"), warn), "warned");
  assert.equal(kind(says("OK"), fail), "stricter");
  assert.equal(kind(says("INFORMATIONAL", "INFORMATIONAL"), fail), "stricter");
  assert.equal(kind(says("OK"), skipped), "skipped");
  assert.equal(kind(says("UNIMPLEMENTED"), pass), "skipped");
});

test("disagreements() counts the worst of the cases that cover a number", () => {
  assert.equal(kind(says("OK"), pass, fail), "stricter");
});

test("disagreements() lists cases that only one side has, in numeric order", () => {
  const theirs = { "10.1.1": says("OK"), "9.1.1": says("OK") };
  const found = disagreements(theirs, [pass, result("5.6/other")]);
  assert.deepEqual(found, [
    { number: "1.1.1", kind: "missing", theirs: null, ours: "pass 5.6/case" },
    { number: "9.1.1", kind: "missing", theirs: "OK", ours: null },
    { number: "10.1.1", kind: "missing", theirs: "OK", ours: null },
  ]);
});

test("report() prints each disagreement and counts those that matter", () => {
  const theirs = { "1.1.1": says("OK", "WRONG CODE"), "2.5": says("OK") };
  const ours = [pass, warning("5.5/ping", { autobahn: ["2.5"] })];
  const found = disagreements(theirs, ours);
  assert.deepEqual(found.map(matters), [true, false]);
  assert.equal(
    report("Server", found, 2),
    `1.1.1    looser
           Autobahn  OK, close WRONG CODE
           judge     pass 5.6/case
2.5      warned
           Autobahn  OK
           judge     warn 5.5/ping: Expected Close 1002, got no Close
Server: 2 cases, 1 disagreements, 1 that the judge warns about and Autobahn lets pass`,
  );
});

test("patternsOf() translates Autobahn's patterns", () => {
  assert.deepEqual(patternsOf(["*"]), []);
  assert.deepEqual(patternsOf(["1.*", "7.3.6"]), [
    "autobahn:1",
    "autobahn:7.3.6",
  ]);
});

test("narrow() drops the numbers that were not selected", () => {
  const both = [result("5.6/case", { autobahn: ["1.1.1", "10.1.1", "7.3.6"] })];
  assert.deepEqual(narrow(both, ["1.*"])[0]!.autobahn, ["1.1.1"]);
  assert.deepEqual(narrow(both, ["7.3.6", "10.*"])[0]!.autobahn, [
    "10.1.1",
    "7.3.6",
  ]);
  assert.deepEqual(narrow(both, ["*"]), both);
});

test("isPinned() requires a digest", () => {
  const digest = "0123456789abcdef".repeat(4);
  assert.ok(isPinned(`crossbario/autobahn-testsuite@sha256:${digest}`));
  assert.ok(!isPinned("crossbario/autobahn-testsuite"));
  assert.ok(!isPinned("crossbario/autobahn-testsuite:25.10.1"));
  assert.ok(!isPinned(`--privileged@sha256:${digest} `));
});
