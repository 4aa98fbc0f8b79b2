import assert from "node:assert/strict";
import { test } from "node:test";
import { resultLines, summary, toTerminal } from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run, skip, UNSHOWN, warning } from "./sample.ts";

const mixed = run([
  result("5.10/later"),
  failure("5.5/refuses-a-ping-of-126-bytes", { autobahn: ["2.5"] }),
  warning("5.5.1/refuses-a-close-of-one-byte"),
  skip("7692:7.1/takes-a-window"),
  skip("7692:7.1/takes-another-window"),
], { agent: "Echo 1.0" });

test("toTerminal() prints what was expected, what came, and the wire log", () => {
  const text = toTerminal(mixed);
  assert.match(text, /FAIL 5\.5\/refuses-a-ping-of-126-bytes/);
  assert.match(text, /RFC 6455, 5\.5 Control Frames · MUST · Autobahn 2\.5/);
  assert.match(text, /Expected {2}Close 1002\n +Got {7}Pong "half"\n/);
  assert.match(text, /1\.0 ms → Ping "half" {2}89 84 9a/);
  assert.match(text, /1\.5 ms ← Pong "half"/);
  assert.doesNotMatch(
    text,
    /HTTP\/1\.1/,
    "a handshake that went well is left out",
  );
});

test("toTerminal() ends with a table of sections and the counts", () => {
  const lines = toTerminal(mixed).trimEnd().split("\n");
  assert.deepEqual(lines.slice(-2), [
    "Echo 1.0 (server, ws://127.0.0.1:8000/)",
    "5 cases in 8.4 s: 1 passed, 1 warned, 1 failed, 2 skipped",
  ]);
  assert.ok(
    lines.some((line) => /^5\.5 Control Frames +· +· +1 +·$/.test(line)),
  );
  assert.ok(lines.some((line) => /^All +1 +1 +1 +2$/.test(line)));
  assert.ok(
    lines.includes(
      "skip 2 cases: The server did not agree to the compression needed",
    ),
  );
});

test("toTerminal() reports that a run was cut short, sampled or strict", () => {
  const text = toTerminal({
    ...mixed,
    selected: 9,
    seed: 7,
    strict: true,
    stopped: "Interrupted",
  });
  assert.match(text, /5 of 9 cases .*; strict: warnings count/);
  assert.match(text, /--quick, seed 7/);
  assert.match(text, /Stopped: Interrupted/);
});

test("toTerminal() details so many findings and groups the rest by note", () => {
  const many = run([1, 2, 3, 4].map((number) => warning(`5.5/${number}`)));
  const text = toTerminal(many, { details: 1 });
  assert.match(
    text,
    /and 3 more:\n {5}Expected Close 1002, got no Close\nwarn 5\.5\/2\nwarn 5\.5\/3\nwarn 5\.5\/4\n/,
  );
});

test("toTerminal() uses colours only if enabled", () => {
  assert.doesNotMatch(toTerminal(mixed), UNSHOWN);
  assert.ok(
    toTerminal(mixed, { colour: true }).includes("\x1b[31mFAIL\x1b[39m"),
  );
});

test("toTerminal() of an empty run is short", () => {
  assert.equal(
    toTerminal(run([], { stopped: "Refused", selected: 3, ms: 4 })),
    "echo (server, ws://127.0.0.1:8000/)\n0 of 3 cases in 4 ms: 0 passed, 0 failed\n" +
      "Stopped: Refused\n",
  );
});

test("terminal output escapes what a subject sent", () => {
  assert.doesNotMatch(toTerminal(nastyRun()), UNSHOWN);
  assert.doesNotMatch(toTerminal(nastyRun(), { details: 0 }), UNSHOWN);
  assert.doesNotMatch(summary(nastyRun()), UNSHOWN);
  for (const one of nastyRun().results) {
    assert.doesNotMatch(resultLines(one), UNSHOWN);
  }
});
