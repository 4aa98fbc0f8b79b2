/**
 * Bounds that a runtime cannot hold, with the reason. Each of them must not hold: when one does, the
 * run fails, and the entry is deleted.
 *
 * @module
 */

import type { Runtime } from "../processes/runtime.ts";

const DENO_KEEPS = "Deno keeps the connection of a client that leaves before it is upgraded";

/** Reasons, by runtime, scenario and finding. */
type Known = {
  readonly [runtime in Runtime]?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** Bounds that fail only at full size. */
export const knownWhole: Known = {
  deno: {
    empty: {
      "memory at its peak":
        "Deno takes 640 bytes for each empty message that waits, and counts none",
      "a fresh client's answer": "Deno reads on while there is something, and cannot be paused",
    },
  },
};

/** Bounds that always fail. */
export const known: Known = {
  deno: {
    "client-bombs": {
      "1 GiB in frames of 1 MiB: memory at its peak":
        "Deno's WebSocket bounds a frame, and not a message in several: that takes engine tcp",
    },
    resets: { "descriptors left": DENO_KEEPS },
    cable: {
      "descriptors left": "Deno cannot cut a connection: the system does, after 15 minutes",
    },
    fuzz: { "descriptors left": DENO_KEEPS },
  },
};
