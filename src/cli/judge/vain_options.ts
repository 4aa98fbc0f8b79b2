/** Options that the words which play no case would ignore. @module */

import { UsageError } from "../shared/command_line.ts";

/** Options that each word takes. */
const TAKEN: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  ["list", ["http2"]],
  ["report", ["json", "junit", "markdown", "html", "autobahn"]],
]);

/**
 * Checks that no option is given in vain to `list` or `report`.
 *
 * @param word The first word of the arguments.
 * @throws {UsageError} If one is.
 */
export function checkVainOptions(word: string | undefined, values: object, usage: string): void {
  const vain = Object.keys(values).find((name) => TAKEN.get(word)?.includes(name) === false);
  if (vain === undefined) return;
  throw new UsageError(`Cannot use --${vain} with ${word}: it plays no case`, usage);
}
