import assert from "node:assert/strict";
import { test } from "node:test";
import { toJUnit } from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run, skip, UNSHOWN, warning } from "./sample.ts";

const mixed = run([
  result("5.5/a"),
  failure("5.5/b"),
  warning("5.5.1/c"),
  skip("7692:7.1/d"),
]);

/** Checks that XML is well-formed; returns the names of its elements. */
function elements(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const body = xml.replace('<?xml version="1.0" encoding="UTF-8"?>\n', "");
  const outside = body.replace(
    /<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g,
    (...match) => {
      const [, closes, name, , empty] = match as string[];
      if (closes) assert.equal(open.pop(), name);
      else {
        seen.push(name!);
        if (!empty) open.push(name!);
      }
      return "";
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(outside, /[<>]/);
  assert.doesNotMatch(xml, /&(?!(amp|lt|gt|quot);)/);
  return seen;
}

test("toJUnit() writes a suite for each section and a test for each case", () => {
  const xml = toJUnit(mixed);
  const names = elements(xml);
  const count = (wanted: string): number => names.filter((name) => name === wanted).length;
  assert.deepEqual(
    ["testsuite", "testcase", "failure", "skipped", "system-out"].map(count),
    [3, 4, 1, 1, 1],
  );
  assert.match(
    xml,
    /<testsuites [^>]*tests="4" failures="1" errors="0" skipped="1" time="8\.400">/,
  );
  assert.match(
    xml,
    /<testsuite name="5\.5 Control Frames" tests="2" failures="1"/,
  );
  assert.match(
    xml,
    /<testcase classname="echo" name="5\.5\/a" time="0\.012"\/>/,
  );
});

test("toJUnit() counts warnings of a strict run as failures", () => {
  assert.match(
    toJUnit({ ...mixed, strict: true }),
    /<testsuites [^>]*tests="4" failures="2"/,
  );
});

test("toJUnit() writes an error for a run that was cut short", () => {
  const xml = toJUnit(run([], { stopped: "Connection refused" }));
  assert.ok(elements(xml).includes("error"));
  assert.match(xml, /<testsuites [^>]*tests="1" failures="0" errors="1"/);
  assert.match(xml, /message="Connection refused"/);
});

test("toJUnit() is well-formed whatever a subject sent", () => {
  const xml = toJUnit(nastyRun());
  elements(xml);
  assert.doesNotMatch(xml, UNSHOWN);
});

test("toJUnit() has a word of its own for what did not come in time", () => {
  const xml = toJUnit(run([failure("5.5/late", { verdict: "timeout" })]));
  assert.match(xml, /<testsuites [^>]*tests="1" failures="1"/);
  assert.match(xml, /<failure message="[^"]*" type="timeout">/);
});
