/** Parts of the documentation that are generated from committed data. @module */

import { readFileSync, writeFileSync } from "node:fs";
import { cases } from "../src/conformance/cases/mod.ts";
import { select } from "../src/conformance/selection.ts";
import type { Rule } from "../src/testing/contract/mod.ts";
import { close } from "../src/testing/contract/rules/close.ts";
import { closeCodes } from "../src/testing/contract/rules/close_codes.ts";
import { connect } from "../src/testing/contract/rules/connect.ts";
import { data } from "../src/testing/contract/rules/data.ts";
import { events } from "../src/testing/contract/rules/events.ts";
import { limits } from "../src/testing/contract/rules/limits.ts";
import { send } from "../src/testing/contract/rules/send.ts";
import { serverStreams } from "../src/testing/contract/rules/server_streams.ts";
import { states } from "../src/testing/contract/rules/states.ts";
import { streams } from "../src/testing/contract/rules/streams.ts";
import { turns } from "../src/testing/contract/rules/turns.ts";
import { expectationsOf, type Judged, subjects } from "../tests/conformance/subjects.ts";
import { deviations } from "../tests/contract/deviations.ts";
import type { Mistake } from "../tests/mistakes/mistake.ts";
import { calls, handlers } from "../tests/mistakes/table.ts";

const { devDependencies: runtimes, optionalDependencies } = JSON.parse(
  readFileSync(urlOf("scripts/package.json"), "utf8"),
);
const node24 = optionalDependencies.node24.split("@").at(-1);
const { devDependencies: { ws } } = JSON.parse(readFileSync(urlOf("package.json"), "utf8"));

const RUNTIMES: Readonly<Record<string, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
  ws: "`ws` on Node",
  chromium: "Chromium",
  firefox: "Firefox",
};

/** Returns the title of a subject: of `isosocket-deno-tcp-server`, `isosocket on Deno, engine tcp`. */
function inWords({ name }: Judged): string {
  const [first, ...rest] = name.split("-").slice(0, -1);
  if (first !== "isosocket") return RUNTIMES[first!]!;
  const [runtime, engine] = rest;
  return `**isosocket on ${RUNTIMES[runtime!]}**${
    engine === undefined ? "" : `, engine ${engine}`
  }`;
}

/** Returns the title of a subject as plain text. */
export function titleOf(subject: Judged): string {
  return inWords(subject).replaceAll(/[*`]/g, "");
}

/** Returns the pinned version of a subject's runtime, or of Debian's browser. */
export function versionOfSubject({ name }: Judged): string {
  const first = name.replace("isosocket-", "").split("-")[0]!;
  if (first === "node") return node24;
  return first === "ws" ? ws : runtimes[first] ?? "of Debian 12";
}

/** Returns the committed verdicts of a subject that are not a pass, by case id. */
function knownOf(subject: Judged): Record<string, string> {
  return JSON.parse(readFileSync(expectationsOf(subject), "utf8"));
}

/** Returns the table of the judge's results: counts of the cases that rest on RFC 6455. */
export function conformanceTable(): string {
  const rows = subjects.map((subject) => {
    const counts: Record<string, number> = { fail: 0, warn: 0, skip: 0 };
    for (const reason of Object.values(knownOf(subject))) {
      counts[/fail|warn|skip/.exec(reason)![0]]!++;
    }
    const { fail, warn, skip } = counts as {
      fail: number;
      warn: number;
      skip: number;
    };
    const passed = select(cases, subject.kind, { patterns: ["6455"], full: true }).length -
      fail - warn - skip;
    return `| ${inWords(subject)}, ${subject.kind} | ${passed} | ${warn} | ${fail} | ${skip} |`;
  });
  return [
    "| RFC 6455, by the judge | passed | warned | failed | skipped |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `Judged were Deno ${runtimes.deno}, Bun ${runtimes.bun}, Node ${node24} with ws ${ws}, and the`,
    "Chromium and Firefox of Debian.",
  ].join("\n");
}

/** Returns the cases that fail with isosocket, by section. */
export function failuresTable(): string {
  const rows = subjects.filter(({ name }) => name.startsWith("isosocket-")).map((subject) => {
    const counts = new Map<string, number>();
    for (const [id, reason] of Object.entries(knownOf(subject))) {
      const section = id.slice(0, id.indexOf("/"));
      if (/^[a-z|]*fail/.test(reason)) counts.set(section, (counts.get(section) ?? 0) + 1);
    }
    const failed = [...counts].map(([section, count]) => `${section} (${count})`).join(", ");
    return `| ${inWords(subject)}, ${subject.kind} | ${failed || "none"} |`;
  });
  return [
    "| RFC 6455, by the judge | sections, and how many cases fail |",
    "| --- | --- |",
    ...rows,
  ].join("\n");
}

/** Names of events and the like with which some rules start. */
const NAMES = /^(open|opened|close|drain|overflow|readable|writable)\b/;

/** Formats a rule for the pages, with the API's names as code. */
function sentence(rule: string): string {
  const marked = rule
    .replaceAll(/\b\w+\(\)|\b[a-z]+[A-Z]\w*/g, "`$&`")
    .replaceAll(/"(\w+)"/g, '`"$1"`')
    .replace(NAMES, "`$&`");
  return marked[0]!.toUpperCase() + marked.slice(1);
}

/** Ends of connections with deviations, by runtime. */
function deviationsByRuntime(): Map<
  string,
  { where: string; rules: Readonly<Record<string, string>> }[]
> {
  const found = new Map<string, { where: string; rules: Readonly<Record<string, string>> }[]>();
  for (const [harness, rules] of Object.entries(deviations)) {
    const [runtime, ...rest] = harness.split(" ");
    const name = RUNTIMES[runtime!]!;
    found.set(name, [...found.get(name) ?? [], { where: rest.join(" "), rules }]);
  }
  return found;
}

/** Returns the table of one runtime's deviations: a row for each rule and reason. */
export function deviationsTable(runtime: string): string {
  const rows = new Map<string, string[]>();
  for (const { where, rules } of deviationsByRuntime().get(runtime)!) {
    for (const [rule, reason] of Object.entries(rules)) {
      const key = `${sentence(rule)} | ${sentence(reason)}`;
      rows.set(key, [...rows.get(key) ?? [], where]);
    }
  }
  return [
    "| end | the promise | what happens |",
    "| --- | --- | --- |",
    ...[...rows].map(([key, ends]) => `| ${endsInWords(ends)} | ${key} |`),
  ].join("\n");
}

/** Joins names: `22 client` and the like become `client of 22, 24, 26`; others `server, client`. */
function endsInWords(ends: readonly string[]): string {
  const versions = new Map<string, string[]>(); // by their ends
  for (const end of ends.toSorted()) {
    const [, version = "", name = ""] = /^(?:(\d+) )?(.+)$/.exec(end)!;
    versions.set(name, [...versions.get(name) ?? [], version]);
  }
  const names = new Map<string, string[]>(); // by their versions
  for (const [name, numbers] of versions) {
    const key = numbers.join(", ");
    names.set(key, [...names.get(key) ?? [], name]);
  }
  return [...names].map(([numbers, [...own]]) =>
    own.sort(byEnd).join(", ") + (numbers === "" ? "" : ` of ${numbers}`)
  ).join("; ");
}

/** Compares names, servers first. */
function byEnd(one: string, other: string): number {
  return Number(other.startsWith("server")) - Number(one.startsWith("server")) ||
    one.length - other.length;
}

/** Returns rules as a list, each with the runtimes that cannot keep it. */
export function promisesList(rules: Readonly<Record<string, Rule>>): string {
  return Object.keys(rules).map((rule) => {
    const broken = [...deviationsByRuntime()].flatMap(([runtime, all]) => {
      const ends = all.filter((end) => rule in end.rules)
        .map(({ where }) => where.replace(/^\d+ /, ""));
      if (ends.length === 0) return [];
      return `${
        [...new Set(ends)].join(" and ")
      } on [${runtime}](deviations.md#${runtime.toLowerCase()})`;
    });
    return `- ${sentence(rule)}.${broken.length > 0 ? ` _Except: ${broken.join(", ")}._` : ""}`;
  }).join("\n");
}

/** Returns the table of some mistakes. */
export function mistakesTable(rows: readonly Mistake[]): string {
  return [
    "| the program has | the message |",
    "| --- | --- |",
    ...rows.map(({ code, says }) => `| \`${code}\` | ${says.replaceAll(/[<*_[\]\\]/g, "\\$&")} |`),
  ].join("\n");
}

/** Generated parts, by page and mark. */
const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": { matrix: conformanceTable },
  "docs/deviations.md": {
    ...Object.fromEntries(
      [...deviationsByRuntime().keys()].map((it) => [it.toLowerCase(), () => deviationsTable(it)]),
    ),
    failures: failuresTable,
  },
  "docs/mistakes.md": {
    ...Object.fromEntries(
      Object.entries(calls).map(([where, rows]) => [where, () => mistakesTable(rows)]),
    ),
    Handlers: () => mistakesTable(handlers),
  },
  "docs/promises.md": Object.fromEntries(
    Object.entries({
      states,
      turns,
      connect,
      events,
      close,
      closeCodes,
      data,
      send,
      limits,
      streams,
      serverStreams,
    })
      .map(([name, rules]) => [name, () => promisesList(rules)]),
  ),
};

/** Pages with generated parts. */
export const pages: readonly string[] = Object.keys(PAGES);

function urlOf(page: string): URL {
  return new URL(`../${page}`, import.meta.url);
}

/** Reads a page. */
export function readPage(page: string): string {
  return readFileSync(urlOf(page), "utf8");
}

/** Returns a page with up-to-date generated parts, and the marks of those that were stale. */
export function asWritten(page: string): { readonly text: string; readonly stale: string[] } {
  let text = readPage(page);
  const stale: string[] = [];
  for (const [name, write] of Object.entries(PAGES[page]!)) {
    const from = `<!-- ${name}: written by scripts/matrix.ts -->\n<!-- deno-fmt-ignore-start -->\n`;
    const to = `<!-- deno-fmt-ignore-end -->\n<!-- /${name} -->`;
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < 0) {
      throw new Error(`Cannot write ${page}: it has no marks for ${name}`);
    }
    const written = `${text.slice(0, start)}${from}\n${write()}\n\n${text.slice(end)}`;
    if (written !== text) stale.push(name);
    text = written;
  }
  return { text, stale };
}

/** Writes the pages. */
export function writePages(): void {
  for (const page of pages) writeFileSync(urlOf(page), asWritten(page).text);
}
