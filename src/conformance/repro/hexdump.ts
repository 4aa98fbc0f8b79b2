/**
 * Octets as a hexdump, and the header of a frame with its fields named.
 *
 * @module
 */

import { nameOf } from "../player/wire_log.ts";

/** Number of octets in a line. */
const IN_LINE = 16;

/**
 * Returns octets as lines: offset, hex digits, and what is printable in ASCII.
 *
 * @param most Number of lines; what is left is told in the last one.
 */
export function hexdump(octets: Uint8Array, most: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < octets.length && lines.length < most; at += IN_LINE) {
    const line = [...octets.subarray(at, at + IN_LINE)];
    const digits = line.map((octet) => octet.toString(16).padStart(2, "0"));
    const half = IN_LINE / 2;
    const hex = `${digits.slice(0, half).join(" ")}  ${digits.slice(half).join(" ")}`;
    const ascii = line.map((octet) => octet > 31 && octet < 127 ? String.fromCharCode(octet) : ".");
    lines.push(
      `${at.toString(16).padStart(6, "0")}  ${hex.padEnd(IN_LINE * 3)}  ${ascii.join("")}`,
    );
  }
  const left = octets.length - lines.length * IN_LINE;
  return left > 0 ? [...lines, `…       ${left} more octets, ${octets.length} in all`] : lines;
}

/** Returns the fields of the frame that begins these octets, in words. */
export function headerInWords(octets: Uint8Array): string {
  if (octets.length < 2) return `${octets.length} octet of a header`;
  const [first, second] = [octets[0]!, octets[1]!];
  const [opcode, form, isMasked] = [first & 15, second & 127, second > 127];
  const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
  const size = 2 + extra + (isMasked ? 4 : 0);
  if (octets.length < size) return `${nameOf(opcode)}, a header cut short`;
  const view = new DataView(octets.buffer, octets.byteOffset);
  const length = extra === 0 ? form : extra === 2 ? view.getUint16(2) : view.getBigUint64(2);
  const key = [...octets.subarray(size - 4, size)].map((octet) =>
    octet.toString(16).padStart(2, "0")
  );
  return [
    `FIN ${first >> 7}`,
    `RSV ${(first >> 4 & 7).toString(2).padStart(3, "0")}`,
    `opcode ${opcode} (${nameOf(opcode)})`,
    isMasked ? `mask ${key.join("")}` : "not masked",
    `length ${length}${extra > 0 ? ` in ${extra} octets` : ""}`,
  ].join(" · ");
}
