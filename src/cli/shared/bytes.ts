/** Formats and parses bytes. Each function is self-contained: the inspector page gets its source. @module */

/**
 * Formats bytes as a hex dump: offset, bytes, and the printable ASCII among them.
 *
 * @param perLine Number of bytes in a line.
 * @param most Maximum number of bytes shown; the rest is counted.
 */
export function hexDump(bytes: Uint8Array, perLine: number = 16, most: number = 256): string {
  const lines: string[] = [];
  const shown = bytes.subarray(0, most);
  for (let at = 0; at < shown.length; at += perLine) {
    const row = [...shown.subarray(at, at + perLine)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "·");
    const offset = at.toString(16).padStart(4, "0");
    lines.push(`${offset}  ${hex.padEnd(perLine * 3)} ${text.join("")}`);
  }
  const rest = bytes.length - shown.length;
  if (rest > 0) lines.push(`… and ${rest.toLocaleString("en")} more bytes`);
  return lines.join("\n");
}

/**
 * Parses hex digits, with or without spaces, colons, commas and `0x`.
 *
 * @throws {TypeError} If there is any other character, or an odd number of digits.
 */
export function parseHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/0x/gi, "").replace(/[\s:,]/g, "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong !== null) throw new TypeError(`Cannot read hex: "${wrong[0]}" is no hex digit`);
  if (digits.length % 2 === 1) {
    throw new TypeError("Cannot read hex: a byte has two digits, and one is left over");
  }
  const pairs = digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

/** Formats a number of bytes, in the unit that fits. */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const unit = bytes < 1024 * 1024 ? "KiB" : "MiB";
  const amount = bytes / (unit === "KiB" ? 1024 : 1024 * 1024);
  return `${amount < 10 ? amount.toFixed(1).replace(/\.0$/, "") : Math.round(amount)} ${unit}`;
}
