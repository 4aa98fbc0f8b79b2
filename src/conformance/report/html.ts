/**
 * Runs as one page: a matrix of agents and sections, and for each case its wire log.
 *
 * The page is a single file that loads nothing from the network. Everything that a subject sent is
 * inserted as text, never as markup, and its content security policy allows no script but its own.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Run } from "../result.ts";
import { type DumpOf, pageData } from "./page_data.ts";
import { DETAIL_SCRIPT } from "./page_detail.ts";
import { MATRIX_SCRIPT } from "./page_matrix.ts";
import { NAVIGATION_SCRIPT } from "./page_navigation.ts";
import { STYLE } from "./page_style.ts";
import { inWords, tally } from "./tally.ts";

/**
 * Writes runs as an HTML page.
 *
 * @param runs One or several; each is a column.
 * @param dumpOf Returns a case as text, for the details of those that did not pass: `toDump()` of
 * `repro/`. Default: none.
 * @returns A complete HTML document.
 */
export function toHtml(runs: readonly Run[], dumpOf?: DumpOf): string {
  const script =
    `"use strict";\n(() => {\n${DETAIL_SCRIPT}${MATRIX_SCRIPT}${NAVIGATION_SCRIPT}})();`;
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const title = runs.length === 1
    ? `${runs[0]!.agent}: WebSocket conformance`
    : "WebSocket conformance";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${BODY}
<noscript>
<p>This page needs JavaScript to show cases. In short:</p>
<ul>
${runs.map((run) => `<li>${escape(run.agent)}: ${inWords(tally(run.results))}</li>`).join("\n")}
</ul>
</noscript>
<script type="application/json" id="data">${embed(pageData(runs, dumpOf))}</script>
<script>${script}</script>
</body>
</html>
`;
}

const BODY = `<header class="top">
<h1>WebSocket conformance</h1>
<p id="about"></p>
</header>
<section id="agents" aria-label="Agents"></section>
<form id="tools" role="search">
<div class="search">
<input id="query" type="search" placeholder="Find: close, 5.5.1, Autobahn 7.9" aria-label="Find" autocomplete="off" spellcheck="false">
<kbd aria-hidden="true">/</kbd>
</div>
<div id="verdicts" role="group" aria-label="Show"></div>
<button type="button" id="unfold"></button>
</form>
<main>
<p id="none" role="status" hidden>No case is like that. <button type="button" id="reset">Show all</button></p>
<div class="scroll"><table id="matrix"></table></div>
</main>
<footer><p>Keys: <kbd>/</kbd> find, <kbd>↑</kbd> <kbd>↓</kbd> rows, <kbd>←</kbd> <kbd>→</kbd> agents, <kbd>Enter</kbd> open, <kbd>Esc</kbd> close.</p></footer>
<div id="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden></div>`;

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** JSON that can stand in a script element: no tag and no comment can begin in it. */
function embed(data: unknown): string {
  return JSON.stringify(data).replace(/</g, "\\u003c").replace(/>/g, "\\u003e");
}

function escape(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
