/**
 * What runtimes cannot do, and why. Each of these must not hold: on the day when one does, the run
 * fails, and the line goes.
 *
 * @module
 */

import type { Runtime } from "../processes/runtime.ts";

const DENO_KEEPS = "Deno keeps the connection of a client that leaves before it is upgraded";

/** Reasons, by runtime, scenario and what had to hold. */
type Known = {
  readonly [runtime in Runtime]?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** What shows only at full size. */
export const knownWhole: Known = {
  deno: {
    empty: {
      "memory at its peak":
        "Deno takes 640 bytes for each empty message that waits, and counts none",
      "a fresh client's answer":
        "Deno reads on while there is something, and cannot be told to stop",
    },
  },
};

/** What always shows. */
export const known: Known = {
  deno: {
    "client-bombs": {
      "1 GiB in frames of 1 MiB: memory at its peak":
        "Deno's WebSocket bounds a frame, and not a message in several: that takes engine ws",
    },
    resets: { "descriptors left": DENO_KEEPS },
    cable: {
      "descriptors left": "Deno cannot cut a connection: the system does, after 15 minutes",
    },
    fuzz: { "descriptors left": DENO_KEEPS },
  },
};
