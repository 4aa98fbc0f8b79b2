/** Escapes control characters in texts of a peer, which a terminal would execute. @module */

/** Control characters but tab and newline, line separators, and directional formatting. */
const UNPRINTABLE =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns a text that is safe on a terminal: newlines and tabs stay, other controls are escaped. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** Returns a text in quotes, on one line. */
export function quote(text: string): string {
  return printable(JSON.stringify(text));
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
