import assert from "node:assert/strict";
import { test } from "node:test";
import { type AutobahnIndex, toAutobahn } from "../../../src/conformance/report/mod.ts";
import { failure, nastyRun, result, run, skip, warning } from "./sample.ts";

function indexOf(files: ReadonlyMap<string, string>): AutobahnIndex {
  return JSON.parse(files.get("index.json")!);
}

test("toAutobahn() writes an entry and a file for each number covered", () => {
  const files = toAutobahn([
    run([
      result("5.5.2/a", { autobahn: ["2.1", "10.1.1"] }),
      result("5.5.2/ours-alone"),
    ], { agent: "Echo 1.0" }),
  ]);
  assert.deepEqual([...files.keys()], [
    "index.json",
    "echo_1_0_case_10_1_1.json",
    "echo_1_0_case_2_1.json",
  ]);
  assert.deepEqual(indexOf(files)["Echo 1.0"]!["2.1"], {
    behavior: "OK",
    behaviorClose: "OK",
    duration: 12,
    remoteCloseCode: 1000,
    reportfile: "echo_1_0_case_2_1.json",
  });
  const page = JSON.parse(files.get("echo_1_0_case_2_1.json")!);
  assert.deepEqual([page.id, page.case, page.agent, page.isServer], [
    "2.1",
    1,
    "Echo 1.0",
    false,
  ]);
  assert.match(page.httpRequest, /^GET \/ HTTP/);
  assert.deepEqual(page.wirelog.slice(0, 2), [
    ["TO", [10, "89849a3c5e71f25d3217"]],
    ["TF", [4, 'Ping "half"'], 9, true, 0, true, null],
  ]);
});

test("toAutobahn() translates verdicts", () => {
  const ending = {
    closedBy: "peer",
    code: 1005,
    reason: "",
    clean: true,
    codeFits: true,
  } as const;
  const files = toAutobahn([
    run([
      result("a/1", { autobahn: ["1.1.1", "7.1.6"], ending }),
      warning("a/2", { autobahn: ["6.4.1", "7.13.1"] }),
      failure("a/3", { autobahn: ["2.5"] }),
      failure("a/4", { autobahn: ["9.1.1", "7.13.2"], ending }),
      skip("a/5", { autobahn: ["12.1.1"] }),
      warning("a/6", { autobahn: ["6.3.1"], ending: { ...ending, code: 1002, codeFits: false } }),
    ]),
  ]);
  const verdicts = Object.entries(indexOf(files)["echo"]!).map(
    ([number, entry]) => {
      return [
        number,
        entry.behavior,
        entry.behaviorClose,
        entry.remoteCloseCode,
      ];
    },
  );
  assert.deepEqual(verdicts, [
    ["1.1.1", "OK", "OK", null],
    ["12.1.1", "UNIMPLEMENTED", "OK", 1000],
    ["2.5", "FAILED", "FAILED", null],
    ["6.3.1", "OK", "WRONG CODE", 1002],
    ["6.4.1", "NON-STRICT", "OK", 1000],
    ["7.1.6", "INFORMATIONAL", "INFORMATIONAL", null],
    ["7.13.1", "INFORMATIONAL", "INFORMATIONAL", 1000],
    ["7.13.2", "FAILED", "OK", null],
    ["9.1.1", "FAILED", "OK", null],
  ]);
});

test("toAutobahn() reports the worst of several cases for a number", () => {
  const autobahn = ["2.10"];
  const files = toAutobahn([
    run([
      result("a/1", { autobahn }),
      failure("a/2", { autobahn }),
      warning("a/3", { autobahn }),
    ]),
  ]);
  assert.equal(indexOf(files)["echo"]!["2.10"]!.behavior, "FAILED");
});

test("toAutobahn() distinguishes agents with similar names", () => {
  const results = [result("a/1", { autobahn: ["1.1.1"] })];
  const agents = ["a.b", "a_b", "a_b", "__proto__"];
  const files = toAutobahn(agents.map((agent) => run(results, { agent })));
  assert.equal(files.size, 5);
  assert.deepEqual(Object.keys(indexOf(files)), [
    "a.b",
    "a_b",
    "a_b (2)",
    "__proto__",
  ]);
});

test("toAutobahn() names files that stay in their directory", () => {
  for (const name of toAutobahn([nastyRun()]).keys()) {
    assert.match(name, /^[\w]+\.json$/);
  }
});

test("toAutobahn() counts what did not come in time as FAILED", () => {
  const late = failure("5.5.2/a", { verdict: "timeout", autobahn: ["2.1"] });
  const { behavior, behaviorClose } = indexOf(toAutobahn([run([late])]))["echo"]!["2.1"]!;
  assert.deepEqual([behavior, behaviorClose], ["FAILED", "FAILED"]);
});
