/** Which door is the right one, for who stands at the wrong one. @module */

/** The doors of those runtimes that have a server, by a global that nobody else has, and in order. */
const DOORS = [
  ["Deno", "Deno", 'wrap() of "./deno"'],
  ["Bun", "Bun", 'wrap() of "./bun"'],
  ["process", "Node", 'attach() of "./node"'],
] as const;

/** What to take where there is no server. */
export const NO_SERVER =
  `this is neither Deno, Bun nor Node, so it must be connect() of "../client"`;

/**
 * What a door throws on a runtime that is not its own.
 *
 * @param verb What it was asked to do.
 * @param own The runtime that it is for.
 */
export function wrongRuntime(verb: string, own: string): TypeError {
  const [, here, door] = DOORS.find(([name]) => name in globalThis) ?? [];
  const why = here === undefined
    ? NO_SERVER
    : `this door is for ${own}, and on ${here} it must be ${door}, or serve()`;
  return new TypeError(`Cannot ${verb} here: ${why}`);
}
