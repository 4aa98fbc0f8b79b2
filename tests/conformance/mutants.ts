/**
 * Endpoints that are wrong in one way each, and the cases that have to notice, and no others.
 *
 * A case that no mutant fails proves nothing: add one, or add the case's id to the list of one.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Faults } from "./faults.ts";

/** A wrong endpoint. */
export interface Mutant extends Faults {
  /** What it plays. Default: the server. */
  readonly subject?: "server" | "client";

  /** Ids of the cases that notice; `*` stands for anything. */
  readonly caughtBy: readonly string[];
}

/** All of them. */
export const mutants: Readonly<Record<string, Mutant>> = {
  "pongs are empty": {
    sent: (frame) => frame.opcode === 0xa ? { ...frame, payload: Buffer.alloc(0) } : frame,
    caughtBy: [],
  },
};
