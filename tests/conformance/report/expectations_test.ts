import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeSurprises,
  type Expectations,
  expectationsFrom,
  isAsExpected,
  readExpectations,
  surprises,
  writeExpectations,
} from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run, skip, UNSHOWN, warning } from "./sample.ts";

const IDS = new Set(["5.5/a", "5.5/b", "5.5/c", "5.5/d", "5.5/e"]);
const known: Expectations = {
  "5.5/a": "fail: It never checks that",
  "5.5/b": "fail|warn: A race",
  "5.5/c": "skip: No compression",
  "5.5/e": "warn: Not played today",
};

const asKnown = run([failure("5.5/a"), warning("5.5/b"), skip("5.5/c"), result("5.5/d")]);

test("a run is as expected if each verdict is", () => {
  const found = surprises(asKnown, known, IDS);
  assert.deepEqual(found, { worse: [], better: [], unknown: [] });
  assert.ok(isAsExpected(found));
  assert.match(describeSurprises(found, known), /^As expected: 4 cases known not to pass\n$/);
});

test("what is worse, better or no case any more is a surprise", () => {
  const changed = run([
    result("5.5/a"),
    failure("5.5/b", { verdict: "timeout" }),
    failure("5.5/c"),
    warning("5.5/d"),
  ]);
  const found = surprises(changed, { ...known, "5.5/gone": "fail: Once" }, IDS);
  assert.deepEqual(found.better.map(({ id }) => id), ["5.5/a", "5.5/b"]);
  assert.deepEqual(found.worse.map(({ id }) => id), ["5.5/c", "5.5/d"]);
  assert.deepEqual(found.unknown, ["5.5/gone"]);
  const text = describeSurprises(found, known);
  assert.match(text, /Better than expected: 2\n {2}fail → pass {2}5\.5\/a\n {7}fail: It never/);
  assert.match(text, /Worse than expected: 2\n {2}skip → fail {2}5\.5\/c\n {7}Expected Close 1002/);
  assert.match(text, / {2}pass → warn {2}5\.5\/d\n/);
  assert.match(text, /no such case: 1\n {2}5\.5\/gone\n/);
});

test("expectationsFrom() keeps reasons that hold, and entries of cases that were not played", () => {
  const changed = run([failure("5.5/a"), result("5.5/b"), warning("5.5/d"), skip("5.5/c")]);
  assert.deepEqual(expectationsFrom([changed], known), {
    "5.5/a": "fail: It never checks that",
    "5.5/c": "skip: No compression",
    "5.5/d": "warn: Expected Close 1002, got no Close",
    "5.5/e": "warn: Not played today",
  });
  const twice = [run([failure("5.5/a")]), run([result("5.5/a")])];
  assert.deepEqual(expectationsFrom(twice), {
    "5.5/a": 'fail|pass: Expected Close 1002, got Pong "half"',
  });
});

test("expectations are written sorted, and read again", () => {
  const text = writeExpectations({ "5.5/b": "warn: B", "5.5/a": "fail: A" });
  assert.equal(text, '{\n  "5.5/a": "fail: A",\n  "5.5/b": "warn: B"\n}\n');
  assert.deepEqual(readExpectations(text), { "5.5/a": "fail: A", "5.5/b": "warn: B" });
});

test("readExpectations() reads a file of an editor that marks UTF-8", () => {
  assert.deepEqual(readExpectations('\ufeff{"5.5/a": "fail: A"}'), { "5.5/a": "fail: A" });
});

test("readExpectations() says what is wrong", () => {
  const wrong: [string, RegExp][] = [
    ["{", /they are not JSON/],
    ["[]", /they are not an object/],
    ['{"5.5/a":"fail"}', /^Cannot expect 5\.5\/a: it has no reason$/],
    ['{"5.5/a":"fail: "}', /it has no reason/],
    ['{"5.5/a":"broken: why"}', /it must be a verdict and a reason/],
    ['{"5.5/a":1}', /it must be a verdict and a reason/],
  ];
  for (const [text, why] of wrong) {
    assert.throws(() => readExpectations(text), { name: "SyntaxError", message: why });
  }
});

test("differences escape what a subject sent", () => {
  const hostile = nastyRun();
  const found = surprises(hostile, {}, IDS);
  assert.doesNotMatch(describeSurprises(found, {}), UNSHOWN);
  assert.doesNotMatch(writeExpectations(expectationsFrom([hostile])), UNSHOWN);
});
