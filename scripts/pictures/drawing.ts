/** A terminal as SVG: its lines appear one after the other, or at once for who wants less motion. @module */

import type { Line, Span } from "./screen.ts";

export type Scheme = "light" | "dark";

/** Colour schemes of the pictures. */
export const SCHEMES: readonly Scheme[] = ["light", "dark"];

/** Colours of a scheme: of the paper, its edge, the text, and the numbers of SGR sequences. */
const COLOURS: Readonly<Record<Scheme, Readonly<Record<string, string>>>> = {
  light: {
    paper: "#ffffff",
    edge: "#d0d7de",
    text: "#1f2328",
    faint: "#656d76",
    31: "#cf222e",
    32: "#1a7f37",
    33: "#9a6700",
    34: "#0969da",
    35: "#8250df",
    36: "#1b7c83",
  },
  dark: {
    paper: "#0d1117",
    edge: "#30363d",
    text: "#e6edf3",
    faint: "#8b949e",
    31: "#ff7b72",
    32: "#3fb950",
    33: "#d29922",
    34: "#58a6ff",
    35: "#bc8cff",
    36: "#39c5cf",
  },
};

/** px: of a character, a line, and around the text. */
const CELL = { width: 8.1, height: 20 };
const MARGIN = 18;
const BAR = 26;

/** ms between two lines, and before a command's output. */
const PACE = { line: 110, command: 900 };

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function drawnSpan({ text, style }: Span, colours: Readonly<Record<string, string>>): string {
  const colour = style.map((number) => colours[number % 60]).find((each) => each !== undefined);
  const fill = colour ?? (style.includes(2) || style.includes(90) ? colours["faint"] : undefined);
  const attributes = [
    ...(fill === undefined ? [] : [` fill="${fill}"`]),
    ...(style.includes(1) ? [' font-weight="600"'] : []),
  ].join("");
  return attributes === "" ? escaped(text) : `<tspan${attributes}>${escaped(text)}</tspan>`;
}

/** Draws a terminal. */
export function drawn(screen: readonly Line[], scheme: Scheme): string {
  const colours = COLOURS[scheme];
  const lines = screen.slice(0, screen.findLastIndex((line) => line.length > 0) + 1);
  const longest = Math.max(...lines.map((line) => line.map(({ text }) => text).join("").length));
  const width = Math.ceil(longest * CELL.width + 2 * MARGIN);
  const height = BAR + lines.length * CELL.height + MARGIN;
  let time = 300;
  const rows = lines.map((line, index) => {
    const isCommand = line[0]?.text === "$";
    if (isCommand && index > 0) time += PACE.command;
    const begin = time;
    time += isCommand ? PACE.command : PACE.line;
    if (line.length === 0) return "";
    const spans = line.map((span) => drawnSpan(span, colours)).join("");
    const y = BAR + (index + 0.75) * CELL.height;
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve" style="animation-delay:${begin}ms">${spans}</text>\n`;
  });
  const dots = [0, 1, 2].map((at) =>
    `<circle cx="${MARGIN + 4 + at * 16}" cy="15" r="4.5" fill="${colours["edge"]}"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal: isosocket connect, and isosocket judge">
<style>
text { font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: ${
    colours["text"]
  }; opacity: 0; animation: appear 0.01s linear forwards; }
@keyframes appear { to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { text { opacity: 1; animation: none; } }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${
    colours["paper"]
  }" stroke="${colours["edge"]}"/>
${dots.join("")}
${rows.join("")}</svg>
`;
}
