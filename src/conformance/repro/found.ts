/**
 * What a target answered, beside what was expected. All of it is untrusted, and escaped.
 *
 * @module
 */

import { visible } from "../report/visible.ts";
import type { Result, Run, WireEntry } from "../result.ts";
import { headerInWords, hexdump } from "./hexdump.ts";

/** Number of characters of a line. */
const MOST = 400;

/** A result, and the run that it is of. */
export type Found = readonly [Pick<Run, "agent" | "target" | "started">, Result];

/** Returns what was found, as lines without line ends: for the comment of a program. */
export function foundInWords([{ agent, target, started }, result]: Found): string[] {
  const { verdict, expected, got, notes } = result;
  return [
    `${agent} (${target}, ${started}): ${verdict}`,
    ...(expected === "" ? [] : [`Expected ${expected}`]),
    ...(got === "" ? notes : [`Got ${got}`]),
  ].map(clean);
}

/** Returns what was found, with all that went over the wire, as lines with their line feeds. */
export function toFound(found: Found): string {
  const [{ agent, target, started }, { verdict, notes, ms, wire }] = found;
  const lines = [
    "",
    `${clean(`${agent} (${target}, ${started})`)}: ${verdict} in ${Math.round(ms)} ms`,
    ...notes.map((note) => `  ${clean(note)}`),
    "",
    ...wire.flatMap(entryLines),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function clean(text: string): string {
  return visible(text).slice(0, MOST);
}

function entryLines({ at, from, what, text, size, hex = "", frame }: WireEntry): string[] {
  const arrow = what === "gap" ? "…" : from === "judge" ? "→" : "←";
  const time = `${at.toFixed(1)} ms`.padStart(11);
  const parts = what === "http" ? text.replace(/\r\n$/, "").split("\r\n") : [text];
  const octets = Uint8Array.from(hex.match(/[\da-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
  const dump = hexdump(octets, Infinity);
  const cut = octets.length > 0 && size > octets.length ? [`…       ${size} octets in all`] : [];
  const fields = frame === undefined || octets.length < 2 ? [] : [headerInWords(octets)];
  return [
    `${time} ${arrow} ${clean(parts[0]!)}`,
    ...parts.slice(1).map((line) => `${" ".repeat(14)}${clean(line)}`),
    ...[...fields, ...dump, ...cut].map((line) => `${" ".repeat(16)}${line}`),
  ];
}
