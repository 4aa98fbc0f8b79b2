/** Errors of entry points that are used on another runtime than their own. @module */

/**
 * The entry points of the runtimes that have a server, by a global that only this runtime has: the
 * first match counts, since Deno and Bun have `process` too.
 */
const ENTRY_POINTS = [
  ["Deno", "Deno", 'wrap() of "@isosocket/isosocket/deno"'],
  ["Bun", "Bun", 'wrap() of "@isosocket/isosocket/bun"'],
  ["process", "Node", 'attach() of "@isosocket/isosocket/node"'],
] as const;

/** Says which function to use on a platform that can have no server. */
export const NO_SERVER =
  `this is neither Deno, Bun nor Node, so it must be connect() of "@isosocket/isosocket/client"`;

/**
 * Returns the error of an entry point on a runtime that is not its own: it names the right one.
 *
 * @param verb The function that was called.
 * @param own The runtime that it is for.
 */
export function wrongRuntime(verb: string, own: string): TypeError {
  const [, here, entryPoint] = ENTRY_POINTS.find(([name]) => name in globalThis) ?? [];
  const why = here === undefined
    ? NO_SERVER
    : `this entry point is for ${own}, and on ${here} it must be ${entryPoint}, or serve()`;
  return new TypeError(`Cannot ${verb} here: ${why}`);
}
