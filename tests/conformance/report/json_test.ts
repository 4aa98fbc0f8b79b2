import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, toJson } from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run } from "./sample.ts";

test("toJson() writes what fromJson() reads", () => {
  const one = run([result("5.5.2/a"), failure("5.5.2/b")], {
    seed: 7,
    stopped: "Interrupted",
  });
  assert.deepEqual(fromJson(toJson([one])), [one]);
  const several = [one, run([]), nastyRun()];
  assert.deepEqual(fromJson(toJson(several)), several);
});

test("toJson() writes one run as an object, with one result per line", () => {
  const text = toJson([run([result("5.5.2/a"), result("5.5.2/b")])]);
  assert.equal(JSON.parse(text).format, "isosocket-judge/1");
  assert.equal(
    text.split("\n").filter((line) => line.includes('"id"')).length,
    2,
  );
});

test("fromJson() ignores unknown fields", () => {
  const data = { ...run([]), later: true };
  assert.deepEqual(fromJson(JSON.stringify(data)), [run([])]);
});

test("fromJson() reports what is invalid", () => {
  const broken = (change: Record<string, unknown>): string =>
    JSON.stringify({ ...run([result("5.5.2/a")]), ...change });
  const refuses = (text: string, message: RegExp): void =>
    assert.throws(() => fromJson(text), { name: "SyntaxError", message });
  refuses("{", /not JSON/);
  refuses("3", /it is not an object/);
  refuses("[1]", /\[0\] is not an object/);
  refuses("{}", /its format is none/);
  refuses(
    broken({ format: "isosocket-judge/2" }),
    /its format is "isosocket-judge\/2"/,
  );
  refuses(broken({ agent: 3 }), /: agent is not a string/);
  refuses(broken({ subject: "both" }), /: subject is not server or client/);
  refuses(broken({ results: {} }), /: results is not a list/);
  refuses(
    broken({ results: [{ ...result("a"), ending: null }] }),
    /results\[0\]\.ending is not/,
  );
  refuses(
    broken({ results: [{ ...result("a"), wire: [{ at: 1, from: "me" }] }] }),
    /: results\[0\]\.wire\[0\]\.from is not judge or peer/,
  );
});

test("fromJson() reads no field from a prototype", () => {
  const { agent: _agent, ...rest } = run([]);
  const text = JSON.stringify(rest).replace("{", '{"__proto__":{"agent":"x"},');
  assert.throws(() => fromJson(text), /agent is not a string/);
});
