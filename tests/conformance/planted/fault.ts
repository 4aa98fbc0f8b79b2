/**
 * A planted fault, and the cases that name it.
 *
 * @module
 */

import type { Faults } from "../faults.ts";
import type { ServerFault } from "../planted_server.ts";

/** A planted fault: what to play, and which cases fail. */
export interface Planted extends ServerFault {
  /** Patterns: the cases of the fault, and neighbours that are innocent. */
  readonly play: readonly string[];

  /** Ids of the cases that fail, and no others. */
  readonly fail: readonly string[];

  /** Verdict of these. Default: fail. */
  readonly verdict?: "timeout";

  /** What the note of each says. */
  readonly note?: RegExp;

  /** Whether the judge may start the server again. Default: true. */
  readonly isSupervised?: boolean;
}

/** Makes a fault of each connection that needs nothing of the server as a whole. */
export const only = (faults: Faults): Pick<ServerFault, "faults"> => ({ faults: () => faults });
