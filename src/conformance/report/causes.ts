/**
 * Groups results of one cause: those whose notes differ only in what was sent.
 *
 * @module
 */

import type { Result } from "../result.ts";

/** Results with one cause. */
export interface CauseGroup {
  /** The cause, in words. */
  readonly cause: string;

  /** The results, in their order. */
  readonly results: readonly Result[];
}

/** Payloads in words: in quotes or in hex, perhaps cut, with their size. */
const PAYLOAD =
  /"(?:[^"\\]|\\.)*"…?(?: \(\d+ bytes\))?|\b(?:[0-9a-f]{2} )+[0-9a-f]{2}\b(?: … \(\d+ bytes\))?/g;

/** Number of characters of the notes that are compared. */
const MOST = 400;

/** Names of frames before a payload. */
const NAMED = /\b(Text|Binary|Ping|Pong|Continuation) (?:“…”|empty)/g;

/** Returns what results of one cause have in common, in words. */
export function causeOf({ notes, extensions, ending, sent, wire }: Result): string {
  const words = notes.join("; ").slice(0, MOST)
    .replace(PAYLOAD, "“…”")
    .replace(NAMED, "$1")
    .replace(/, (?:longer than \d+ bytes|which differs from byte \d+ on)/g, ", which differs")
    .replace(/\bin \d+ ms\b/g, "in time");
  // A peer that leaves before any frame has come from it may do so for what was negotiated.
  const hasSaid = wire.some(({ from, what }) => from === "peer" && what === "frame");
  const isForExtensions = extensions !== "" && !hasSaid && ending.code === null && sent > 0;
  return isForExtensions ? `${words}, after the agreement on ${extensions}` : words;
}

/** Groups results by their cause, in the order of the first of each. */
export function byCause(results: readonly Result[]): CauseGroup[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const cause = causeOf(result);
    const group = groups.get(cause);
    if (group === undefined) groups.set(cause, [result]);
    else group.push(result);
  }
  return [...groups].map(([cause, results]) => ({ cause, results }));
}
