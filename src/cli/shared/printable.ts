/** Words of a peer, without what a terminal would obey. @module */

/** Controls but tab and newline, ends of lines of other kinds, and what turns the direction. */
const UNPRINTABLE =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes a text fit for a terminal: lines and tabs stay, what cannot be seen becomes an escape. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** Puts a text in quotes, on one line. */
export function quote(text: string): string {
  return printable(JSON.stringify(text));
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
