/** The tables of the README, from what is committed. @module */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cases } from "../src/conformance/cases/mod.ts";
import { select } from "../src/conformance/selection.ts";
import { expectationsOf, type Judged, subjects } from "../tests/conformance/subjects.ts";
import { deviations } from "../tests/contract/deviations.ts";

const README = fileURLToPath(new URL("../README.md", import.meta.url));

const RUNTIMES: Readonly<Record<string, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
  ws: "`ws` on Node",
  chromium: "Chromium",
  firefox: "Firefox",
};

/** For instance `isosocket on Deno, engine ws`, of `isosocket-deno-ws-server`. */
function inWords({ name }: Judged): string {
  const [first, ...rest] = name.split("-").slice(0, -1);
  if (first !== "isosocket") return RUNTIMES[first!]!;
  const [runtime, engine] = rest;
  return `**isosocket on ${RUNTIMES[runtime!]}**${
    engine === undefined ? "" : `, engine ${engine}`
  }`;
}

/** What the judge found: counts of the cases that rest on RFC 6455. */
export function conformanceTable(): string {
  const rows = subjects.map((subject) => {
    const known: Record<string, string> = JSON.parse(
      readFileSync(expectationsOf(subject), "utf8"),
    );
    const counts: Record<string, number> = { fail: 0, warn: 0, skip: 0 };
    for (const reason of Object.values(known)) {
      counts[/fail|warn|skip/.exec(reason)![0]]!++;
    }
    const { fail, warn, skip } = counts as {
      fail: number;
      warn: number;
      skip: number;
    };
    const passed = select(cases, subject.kind, { patterns: ["6455"] }).length -
      fail - warn - skip;
    return `| ${inWords(subject)}, ${subject.kind} | ${passed} | ${warn} | ${fail} | ${skip} |`;
  });
  return [
    "| RFC 6455, by the judge | passed | warned | failed | skipped |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

/** What runtimes cannot keep: a row for each rule and reason. */
export function deviationsTable(): string {
  const rows = new Map<string, string[]>();
  for (const [ground, rules] of Object.entries(deviations)) {
    for (const [rule, reason] of Object.entries(rules)) {
      const key = `${rule} | ${reason}`;
      rows.set(key, [...rows.get(key) ?? [], ground]);
    }
  }
  return [
    "| where | the promise | what happens |",
    "| --- | --- | --- |",
    ...[...rows].map(([key, grounds]) => `| ${grounds.join(", ")} | ${key} |`),
  ].join("\n");
}

/** The README with its tables as they should be. */
export function withTables(readme: string): string {
  const tables = { matrix: conformanceTable(), deviations: deviationsTable() };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const from = `<!-- ${name}: written by scripts/matrix.ts -->\n<!-- deno-fmt-ignore-start -->\n`;
    const to = `<!-- deno-fmt-ignore-end -->\n<!-- /${name} -->`;
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < 0) {
      throw new Error(`Cannot write the table: README has no ${name} marks`);
    }
    return `${text.slice(0, start)}${from}\n${table}\n\n${text.slice(end)}`;
  }, readme);
}

/** The README as it is. */
export function readReadme(): string {
  return readFileSync(README, "utf8");
}

/** Writes the tables into the README. */
export function writeReadme(): void {
  writeFileSync(README, withTables(readReadme()));
}
