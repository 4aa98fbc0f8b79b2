// Reads the reports of test runners: JUnit's XML is what all of them write.

import { existsSync, readFileSync } from "node:fs";

const ATTRIBUTES = String.raw`((?:\s+[\w:.-]+="[^"]*")*)\s*`;
const CASE = new RegExp(
  `<testcase${ATTRIBUTES}(?:/>|>([\\s\\S]*?)</testcase>)`,
  "g",
);
const FAILURE = new RegExp(
  `<(?:failure|error)${ATTRIBUTES}(?:/>|>([\\s\\S]*?)</(?:failure|error)>)`,
);
const SKIPPED = new RegExp(`<skipped${ATTRIBUTES}/?>`);

/** Node wraps what was thrown, and so tells it twice. */
const WRAPPED = /^\[Error \[ERR_TEST_FAILURE\][\s\S]*?\n {2}cause: ([\s\S]*)\n\}$/;

/**
 * The tests in a report, and whether it has come to its end.
 *
 * Of a test, `outcome` is "passed", "failed" or "skipped"; `detail` says why; `place` is the file that
 * calls `test()`, if the report tells: Bun and Node from 24 on do, and Deno calls it the class.
 */
export function readReport(path) {
  if (!existsSync(path)) return { tests: [], isWhole: false };
  const report = readFileSync(path, "utf8");
  return {
    tests: [...report.matchAll(CASE)].map(testOf),
    isWhole: report.includes("</testsuites>"),
  };
}

function testOf([, attributes, body = ""]) {
  const name = attribute(attributes, "name");
  const place = attribute(attributes, "file") || attribute(attributes, "classname");
  const failure = FAILURE.exec(body);
  if (failure !== null) {
    const detail = plain(failure[2] ?? "").trim().replace(WRAPPED, "$1") ||
      attribute(failure[1], "message");
    return { name, place, outcome: "failed", detail };
  }
  const skipped = SKIPPED.exec(body);
  if (skipped === null) return { name, place, outcome: "passed", detail: "" };
  return { name, place, outcome: "skipped", detail: attribute(skipped[1], "message") };
}

function attribute(attributes, name) {
  return plain(new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function plain(xml) {
  return xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1")
    .replace(
      /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
      (whole, hex, decimal, name) => {
        if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
        if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
        return ENTITIES[name] ?? whole;
      },
    );
}
