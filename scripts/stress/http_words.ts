/** Findings of the fuzzer of HTTP in words. @module */

/** Number of findings that are told in words. */
const TOLD = 40;

/** Words of an error that a process has printed. */
export function errorOf(printed: string): string {
  return errorsOf(printed)[0] ?? "";
}

/** Words of each error that a process has printed. */
export function errorsOf(printed: string): string[] {
  // deno-lint-ignore no-control-regex -- terminals obey them
  const lines = printed.replace(/\x1b\[[\d;]*m/g, "").split("\n").map((line) => line.trim());
  // A line of a stack is no error, though it names processTicksAndRejections().
  const errors = lines.filter((line) =>
    !line.startsWith("at ") && /\berror\b|Error|reject/i.test(line)
  );
  const told = errors.length > 0 ? errors : lines.filter((line) => line !== "").slice(0, 1);
  return [...new Set(told.map((line) => line.slice(0, 160)))];
}

/** Findings in words, each on a line. */
export function list(findings: readonly string[]): string {
  const more = findings.length > TOLD ? `; and ${findings.length - TOLD} more` : "";
  return findings.slice(0, TOLD).map((it) => `;\n      ${it}`).join("") + more;
}

/** The first findings in words, behind what they are; nothing if there is none. */
export function listed(what: string, findings: readonly string[]): string {
  return findings.length === 0 ? "" : `${what}: ${findings.length}${list(findings.slice(0, 5))}`;
}
