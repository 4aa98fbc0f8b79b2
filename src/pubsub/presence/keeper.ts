/**
 * The seam between a server and its presence. A server knows only these types: who uses no presence
 * loads none of its code.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { HistoryRelay, RelayListener } from "../history/keeper.ts";

/** A server, as its presence sees it. */
export interface PresenceHost {
  /** Source of time. */
  readonly clock: Clock;
  /** Connects with the server's broker; `undefined` if it has none. */
  readonly relay: ((listener: RelayListener) => HistoryRelay) | undefined;
  /** Returns whether a socket belongs to the server, and is not CLOSED. */
  has(socket: object): boolean;
  /** Called with an error that is the program's to mend. */
  onError(error: unknown): void;
}

/** Presence of one server. */
export interface PresenceKeeper {
  /** Called when a socket is CLOSING or CLOSED. */
  left(socket: object): void;
  /** Says goodbye to the other servers, which takes a second at most. Does not reject. */
  close(): Promise<void>;
}
