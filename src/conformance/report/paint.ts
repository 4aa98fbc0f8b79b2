/**
 * Colours for terminals.
 *
 * @module
 */

import type { Verdict } from "../result.ts";

/** Functions that colour text, or leave it unchanged. */
export type Paint = Readonly<
  Record<"bold" | "dim" | "judge" | "peer" | Verdict, (text: string) => string>
>;

const CODES: Readonly<Record<keyof Paint, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  judge: [36, 39],
  peer: [35, 39],
  pass: [32, 39],
  warn: [33, 39],
  timeout: [31, 39],
  fail: [31, 39],
  skip: [90, 39],
};

/** Returns the functions for a terminal; without colour they leave text unchanged. */
export function paint(colour: boolean): Paint {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string): string => colour && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text,
  ]);
  return Object.fromEntries(entries);
}
