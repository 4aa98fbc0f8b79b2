/** Formats the findings of the HTTP fuzzer. @module */

/** Number of findings that are listed. */
const MAX_LISTED = 40;

/** What a server says of what it has refused, whose path may have any words: no error. */
const REFUSED = "isosocket has refused a WebSocket for ";

/** Returns the first error that a process has printed. */
export function errorOf(printed: string): string {
  return errorsOf(printed)[0] ?? "";
}

/** Returns the errors that a process has printed. */
export function errorsOf(printed: string): string[] {
  // deno-lint-ignore no-control-regex -- terminals obey them
  const lines = printed.replace(/\x1b\[[\d;]*m/g, "").split("\n").map((line) => line.trim())
    .filter((line) => !line.startsWith(REFUSED));
  // A line of a stack is no error, even if it names processTicksAndRejections().
  const errors = lines.filter((line) =>
    !line.startsWith("at ") && /\berror\b|Error|reject/i.test(line)
  );
  const chosen = errors.length > 0 ? errors : lines.filter((line) => line !== "").slice(0, 1);
  return [...new Set(chosen.map((line) => line.slice(0, 160)))];
}

/** Lists findings, each on a line. */
export function list(findings: readonly string[]): string {
  const more = findings.length > MAX_LISTED ? `; and ${findings.length - MAX_LISTED} more` : "";
  return findings.slice(0, MAX_LISTED).map((it) => `;\n      ${it}`).join("") + more;
}

/** Lists the first findings after a title; returns "" if there is none. */
export function listed(what: string, findings: readonly string[]): string {
  return findings.length === 0 ? "" : `${what}: ${findings.length}${list(findings.slice(0, 5))}`;
}
