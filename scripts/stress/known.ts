/**
 * What runtimes cannot do, and why. Each of these must not hold: on the day when one does, the run
 * fails, and the line goes.
 *
 * @module
 */

import type { Runtime } from "../processes/runtime.ts";

const DENO_KEEPS = "Deno keeps the connection of a client that leaves before it is upgraded";

/** The reasons, by runtime, scenario and what had to hold. */
export const known: {
  readonly [runtime in Runtime]?: Readonly<Record<string, Readonly<Record<string, string>>>>;
} = {
  deno: {
    resets: { "descriptors left": DENO_KEEPS },
    cable: {
      "descriptors left": "Deno cannot cut a connection: the system does, after 15 minutes",
    },
    fuzz: { "descriptors left": DENO_KEEPS },
  },
};
