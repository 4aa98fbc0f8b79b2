/**
 * Refusals of handshakes that have nothing wrong with them: the client may try again later.
 *
 * @module
 */

import { UpgradeError } from "../handshake/upgrade_error.ts";

/** Returns a 503 with `Retry-After`: 1 second while the server closes, else 5. */
export function busy(why: string, reason: "full" | "closing" | "timeout"): UpgradeError {
  const headers = { "retry-after": reason === "closing" ? "1" : "5" };
  return new UpgradeError(`Cannot upgrade: ${why}`, 503, headers, reason);
}

/** Returns the 503 of a server that is closing. */
export function closing(): UpgradeError {
  return busy("the server is closing", "closing");
}
