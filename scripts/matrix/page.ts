/** The public matrix: subjects and sections on one page, which loads nothing. @module */

import { compareSections } from "../../src/conformance/report/tally.ts";
import { findSection } from "../../src/conformance/sections.ts";
import type { Judgement } from "./judgement.ts";
import { STYLE } from "./style.ts";

/** The columns: sections, each with all below it. */
const COLUMNS: readonly (readonly [title: string, ...sections: string[]])[] = [
  ["Handshake", "1", "4", "11"],
  ["Framing", "5.1", "5.2", "5.8"],
  ["Masking", "5.3"],
  ["Fragments", "5.4"],
  ["Control", "5.5"],
  ["Messages", "5.6", "6"],
  ["Closing", "7"],
  ["UTF-8", "8"],
  ["Extensions", "9"],
  ["Limits", "10"],
  ["Compression", "7692:"],
];

type Counts = readonly [pass: number, warn: number, fail: number, timeout: number, skip: number];

/** Escapes text for HTML: reasons have what a subject sent. */
function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Whether a section belongs to a column. */
function isIn(section: string, stems: readonly string[]): boolean {
  return stems.some((stem) =>
    stem.endsWith(":")
      ? section.startsWith(stem)
      : section === stem || section.startsWith(`${stem}.`)
  );
}

function sum(counts: readonly Counts[]): Counts {
  const add = (at: number): number => counts.reduce((total, one) => total + one[at]!, 0);
  return [add(0), add(1), add(2), add(3), add(4)];
}

/** Returns the kind of a cell, and what it says. */
function verdictOf(
  [pass, warn, fail, timeout, skip]: Counts,
): readonly [kind: string, text: string] {
  const wrong = fail + timeout;
  const played = pass + warn + wrong;
  if (played === 0) return ["none", skip > 0 ? "skipped" : "–"];
  if (wrong > 0) return ["fail", `${wrong} of ${played}`];
  return warn > 0 ? ["warn", `${warn} warn`] : ["pass", `${played}`];
}

/** Returns counts in words, for who asks for more. */
function inWords([pass, warn, fail, timeout, skip]: Counts): string {
  return `${pass} passed, ${warn} warned, ${fail} failed, ${timeout} timed out, ${skip} skipped`;
}

function row(one: Judgement): string {
  const cells = COLUMNS.map(([title, ...stems]) => {
    const counts = sum(
      Object.entries(one.sections).filter(([section]) => isIn(section, stems))
        .map(([, found]) => found),
    );
    const [kind, text] = verdictOf(counts);
    return `<td class="${kind}" title="${title}: ${inWords(counts)}">${text}</td>`;
  });
  const wrong = Object.keys(one.failures).length;
  const name = wrong > 0
    ? `<a href="#${escape(one.name)}">${escape(one.title)}</a>`
    : escape(one.title);
  return `<tr><th scope="row">${name}<small>${escape(one.version)}, ${one.date}</small></th>${
    cells.join("")
  }</tr>`;
}

function table(kind: Judgement["kind"], judgements: readonly Judgement[]): string {
  const chosen = judgements.filter((one) => one.kind === kind);
  const heads = COLUMNS.map(([title]) => `<th scope="col">${title}</th>`).join("");
  return `<section aria-labelledby="${kind}s"><h2 id="${kind}s">${
    kind === "server" ? "Servers" : "Clients"
  }</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="${kind}s"><table>
<thead><tr><th scope="col">Subject</th>${heads}</tr></thead>
<tbody>
${chosen.map(row).join("\n")}
</tbody></table></div></section>`;
}

/** Returns the failures of a subject, by section. */
function failures({ name, title, kind, failures, stopped }: Judgement): string {
  const ids = Object.keys(failures);
  if (ids.length === 0 && stopped === undefined) return "";
  const sectionOf = (id: string): string => id.slice(0, id.indexOf("/"));
  const sections = [...new Set(ids.map(sectionOf))].sort(compareSections);
  const groups = sections.map((section) => {
    const found = findSection(section);
    const heading = found === undefined
      ? escape(section)
      : `<a href="${found.url}">${
        found.rfc === 6455 ? "" : `RFC ${found.rfc}, `
      }${found.number}</a> ${escape(found.title)}`;
    const items = ids.filter((id) => sectionOf(id) === section).map((id) =>
      `<li><code>${escape(id.slice(section.length + 1))}</code> ${escape(failures[id]!)}</li>`
    );
    return `<h4>${heading}</h4><ul>${items.join("")}</ul>`;
  });
  const cut = stopped === undefined ? "" : `<p>Cut short: ${escape(stopped)}</p>`;
  return `<details id="${escape(name)}"><summary>${escape(title)}, ${kind}: ${ids.length} ${
    ids.length === 1 ? "failure" : "failures"
  }</summary>${cut}${groups.join("\n")}</details>`;
}

/** Opens the failures that a link leads to. */
const SCRIPT = `addEventListener("hashchange", open); open();
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
}`;

/** Returns the page. */
export function matrixPage(judgements: readonly Judgement[]): string {
  const dates = judgements.map(({ date }) => date).sort();
  const when = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>WebSocket implementations under the judge</title>
<style>${STYLE}</style>
</head>
<body>
<h1>WebSocket implementations under the judge</h1>
<p>Echo programs of ${judgements.length} servers and clients, each judged by <code>isosocket judge</code>
with its default options and five seconds of patience, ${when}. Numbers are cases of
<a href="https://www.rfc-editor.org/rfc/rfc6455">RFC 6455</a> and
<a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a> (compression).</p>
<ul class="key"><li class="pass">all pass</li><li class="warn">a SHOULD is broken, or looser than
usual</li><li class="fail">a MUST is broken: by so many of the cases</li><li class="none">not played, or it needs
what the subject does not offer</li></ul>
${table("server", judgements)}
${table("client", judgements)}
<section aria-labelledby="failures"><h2 id="failures">Failures</h2>
${judgements.map(failures).filter(Boolean).join("\n")}
</section>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
