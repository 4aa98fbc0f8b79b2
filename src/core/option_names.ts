/** Checks of the names of options. @module */

import { kindOf } from "./checks.ts";

/** Returns how alike two names are, from 0 to 1: by the pairs of letters that they share (Dice). */
function likeness(one: string, other: string): number {
  const shared = [...one].filter((_, at) => other.includes(one.slice(at, at + 2)));
  return 2 * shared.length / (one.length + other.length);
}

/** Names of options: 0 for those that there are, a sentence for those that belong elsewhere. */
export type OptionNames<Options> =
  & Readonly<Record<keyof Options, 0>>
  & Readonly<Record<string, string | 0>>;

/**
 * Checks that an object of options has no unknown ones: a name that is misspelt would leave a limit
 * at its default, and nobody would notice.
 *
 * @param what What cannot be done with them, for the message: `"serve"`.
 * @throws {TypeError} If they are no object, or have another name.
 */
export function checkNames<Options extends object>(
  what: string,
  options: Options,
  known: OptionNames<Options>,
): void {
  if (typeof options === "function" || typeof options === "symbol" || Array.isArray(options)) {
    throw new TypeError(`Cannot ${what}: options must be an object, and are ${kindOf(options)}`);
  }
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot ${what} with ${options}: options must be an object`);
  }
  for (const name of Object.keys(options)) {
    const hint = Object.hasOwn(known, name) ? known[name] : undefined;
    if (hint === 0) continue;
    const likely = (other: string): number =>
      known[other] === 0 ? likeness(name.toLowerCase(), other.toLowerCase()) : 0;
    const [best = ""] = Object.keys(known).sort((one, other) => likely(other) - likely(one));
    const perhaps = likely(best) > 0.55 ? `, did you mean "${best}"?` : "";
    throw new TypeError(
      `Cannot ${what} with option "${name}": ${hint ?? `there is no such option${perhaps}`}`,
    );
  }
}
