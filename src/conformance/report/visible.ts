/**
 * Escapes untrusted text for printing: what a subject sent must not move the cursor, colour the
 * terminal, change the reading direction or end an XML document.
 *
 * @module
 */

// Controls, formats (such as those that change the direction), separators, lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/**
 * Escapes invisible characters: `\n`, `\x1b`, `\u202e`.
 *
 * @param text Any text.
 * @returns One line.
 */
export function visible(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    const code = character.codePointAt(0)!.toString(16);
    if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
    return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\u{${code}}`;
  });
}

// JSON.stringify() escapes those below U+0020 itself.
const UNPRINTABLE_IN_JSON = /(?!\n)[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/**
 * Escapes invisible characters in JSON, without changing its meaning.
 *
 * @param json Text that `JSON.stringify()` returned.
 */
export function visibleJson(json: string): string {
  return json.replace(UNPRINTABLE_IN_JSON, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""));
}

/** Cuts a line after `width` characters, and marks the cut. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  const cut = text.slice(0, Math.max(0, width - 1));
  // Half of a surrogate pair is no character.
  return cut.replace(/[\ud800-\udbff]$/, "") + "…";
}
