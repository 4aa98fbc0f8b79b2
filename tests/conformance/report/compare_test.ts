import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, toComparison } from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run, skip, UNSHOWN, warning } from "./sample.ts";

const before = run([
  result("5.5/same"),
  result("5.5/breaks"),
  failure("5.4/mends"),
  skip("7692:7.1/learns"),
  warning("5.5/goes"),
], { agent: "Echo 1.0" });

const after = run([
  result("5.5/same"),
  failure("5.5/breaks"),
  result("5.4/mends"),
  result("7692:7.1/learns"),
  result("5.5/comes"),
], { agent: "Echo 1.1" });

test("differences() finds the cases whose verdicts differ, by section", () => {
  assert.deepEqual(
    differences([before, after]).map(({ id, change }) => [id, change]),
    [
      ["5.4/mends", "better"],
      ["5.5/breaks", "worse"],
      ["5.5/goes", "other"],
      ["5.5/comes", "other"],
      ["7692:7.1/learns", "other"],
    ],
  );
  assert.deepEqual(differences([before, before]), []);
});

test("toComparison() of two runs lists what got worse, last", () => {
  const text = toComparison([before, after]);
  assert.match(
    text,
    /^A {2}Echo 1\.0 {2}server {2}2026-11-22 12:00 {2}5 cases in 8\.4 s/,
  );
  assert.match(text, /^5\.5 Control Frames +2\/3 +2\/3$/m);
  assert.match(text, /Better: 1\n {2}fail → pass {2}5\.4\/mends/);
  assert.match(text, /none → pass {2}5\.5\/comes/);
  assert.match(
    text,
    /Worse: 1\n {2}pass → fail {2}5\.5\/breaks\n {7}Expected Close 1002, got Pong "half"\n$/,
  );
});

test("toComparison() of equal runs reports no change", () => {
  const text = toComparison([before, before]);
  assert.match(text, /No case changed\.\n$/);
  assert.match(text, /^B {2}Echo 1\.0 \(2\)/m);
});

test("toComparison() of several runs prints a matrix", () => {
  const text = toComparison([before, after, before]);
  assert.match(text, /Differ on 5 cases\n {2}A {5}B {5}C/);
  assert.match(text, /^ {2}pass {2}fail {2}pass {2}5\.5\/breaks$/m);
  assert.match(text, /^ {2}warn {2}· {5}warn {2}5\.5\/goes$/m);
});

test("toComparison() escapes what a subject sent", () => {
  assert.doesNotMatch(toComparison([nastyRun(), before]), UNSHOWN);
  assert.doesNotMatch(toComparison([nastyRun(), before, after]), UNSHOWN);
});
