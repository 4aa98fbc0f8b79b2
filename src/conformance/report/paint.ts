/**
 * Colours for terminals, where they are wanted.
 *
 * @module
 */

import type { Verdict } from "../result.ts";

/** Ways to set text off. */
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
  fail: [31, 39],
  skip: [90, 39],
};

/** The paint for a terminal; without colour it leaves text as it is. */
export function paint(colour: boolean): Paint {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string): string => colour && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text,
  ]);
  return Object.fromEntries(entries);
}
