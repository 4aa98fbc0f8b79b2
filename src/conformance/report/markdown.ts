/**
 * Runs as Markdown, for the summary of a CI job.
 *
 * What a subject sent stands in it as numeric character references: nothing of it is markup, a link
 * or a mention, neither as Markdown nor as HTML.
 *
 * @module
 */

import type { Result, Run } from "../result.ts";
import {
  casesInWords,
  cite,
  duration,
  inWords,
  sectionsOf,
  speaksAgainst,
  tally,
} from "./tally.ts";
import { clip, visible } from "./visible.ts";

/** Number of results that are listed. GitHub takes a summary of 1 MiB. */
const LISTED = 200;

/** Number of characters of a text. */
const MOST = 300;

/** Writes runs as Markdown. */
export function toMarkdown(runs: readonly Run[]): string {
  return runs.map(ofRun).join("\n");
}

function ofRun(run: Run): string {
  const { agent, subject, target, results, selected, ms, stopped } = run;
  const against = results.filter((result) => speaksAgainst(run, result));
  const isRight = against.length === 0 && stopped === null;
  const played = results.length < selected ? `${results.length} of ` : "";
  const lines = [
    `## ${isRight ? "✅" : "❌"} ${literal(agent)}`,
    "",
    `${literal(`${subject}, ${target}`)}: ${played}${casesInWords(selected)} in ${duration(ms)}, ` +
    inWords(tally(results)),
    ...(stopped === null ? [] : ["", `**Stopped:** ${literal(stopped)}`]),
    ...failures(against),
    ...sections(results),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function failures(results: readonly Result[]): string[] {
  if (results.length === 0) return [];
  const rows = results.slice(0, LISTED).map(({ id, verdict, notes }) =>
    `| ${verdict} | ${literal(id)} | ${literal(notes.join("; "))} |`
  );
  const left = results.length - rows.length;
  return [
    "",
    "| Verdict | Case | Why |",
    "| --- | --- | --- |",
    ...rows,
    ...(left > 0 ? ["", `${casesInWords(left)} more: see the page`] : []),
  ];
}

function sections(results: readonly Result[]): string[] {
  const rows = sectionsOf(results).map((section) => {
    const { pass, warn, timeout, fail, skip } = tally(
      results.filter((result) => result.section === section),
    );
    const counts = [pass, warn, fail + timeout, skip].map((count) => count || "");
    return `| ${literal(cite(section))} | ${counts.join(" | ")} |`;
  });
  if (rows.length === 0) return [];
  return [
    "",
    "<details><summary>By section</summary>",
    "",
    "| Section | passed | warned | failed | skipped |",
    "| --- | --: | --: | --: | --: |",
    ...rows,
    "",
    "</details>",
  ];
}

/** Returns a text in which no character has a meaning. */
function literal(text: string): string {
  return clip(visible(text), MOST).replace(
    /[^\p{L}\p{N} ]/gu,
    (character) => `&#${character.codePointAt(0)};`,
  );
}
