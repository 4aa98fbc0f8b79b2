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

test("toTerminal() groups findings of one cause, whatever was sent, with details of the first", () => {
  const sent = ['Text "a"', 'Text "b\\" c"… (99 bytes)', "Text c3 28 … (50 bytes)", "Text empty"];
  const many = run(sent.map((got, at) => {
    return failure(`8.1/${at}`, { got, notes: [`Expected Close 1007, got ${got}`] });
  }));
  const text = toTerminal(many);
  assert.match(text, /^FAIL 4 cases: Expected Close 1007, got Text\nFAIL 8\.1\/0\n/);
  assert.match(text, /Got {7}Text "a"\n/);
  assert.doesNotMatch(text, /Got {7}Text "b/);
  assert.match(text, /\nFAIL 8\.1\/1\nFAIL 8\.1\/2\nFAIL 8\.1\/3\n/);
  assert.doesNotMatch(toTerminal(many, { details: 0 }), /Got {7}Text/);
});

test("toTerminal() names what was agreed on where a peer leaves before its first frame", () => {
  const agreed = (extensions: string) =>
    [1, 2, 3].map((at) =>
      failure(`7692:7.1/${at}-${extensions}`, { extensions, wire: [], sent: 1 })
    );
  const text = toTerminal(run([...agreed("permessage-deflate"), ...agreed("")]));
  assert.match(text, /FAIL 3 cases: .*, after the agreement on permessage-deflate\n/);
  assert.match(text, /FAIL 3 cases: Expected Close 1002, got Pong\n/);
});

test("toTerminal() has a column for timeouts where there are some", () => {
  assert.doesNotMatch(toTerminal(mixed), /timeout/);
  const late = run([failure("5.5/late", { verdict: "timeout" })]);
  assert.match(toTerminal(late), /^TIME 5\.5\/late\n/);
  assert.match(toTerminal(late), / pass +warn +timeout +fail +skip\n/);
  assert.match(toTerminal(late), /1 case in 8\.4 s: 0 passed, 0 failed, 1 timed out\n/);
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
