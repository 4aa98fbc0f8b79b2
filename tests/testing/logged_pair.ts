/** Pairs on a fake clock, with the events of both ends. @module */

import { FakeClock, type Pair, pair, type PairOptions } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { EventLog } from "../../src/testing/contract/event_log.ts";

/** A pair, its clock, and its events. */
export interface LoggedPair extends Pair {
  readonly clock: FakeClock;
  /** Events of the client. */
  readonly clientLog: EventLog;
  /** Events of the server's socket. */
  readonly serverLog: EventLog;
  /** Returns the milliseconds since the pair was made. */
  readonly passed: () => number;
}

/** Makes a pair without heartbeat and idleTimeout, unless the options set them. */
export function loggedPair(options: PairOptions = {}): LoggedPair {
  const clock = new FakeClock();
  const begun = clock.now();
  const made = pair({ clock, heartbeat: 0, idleTimeout: 0, onError() {}, ...options });
  return {
    ...made,
    clock,
    clientLog: new EventLog(made.client),
    serverLog: new EventLog(made.server),
    passed: () => clock.now() - begun,
  };
}

/**
 * Makes a pair that is OPEN at both ends.
 *
 * @param wait Milliseconds to let pass: at least twice the latency.
 */
export async function openedPair(options: PairOptions = {}, wait = 0): Promise<LoggedPair> {
  const made = loggedPair(options);
  await made.clock.advance(wait);
  assert.deepEqual([made.clientLog.types, made.serverLog.types], [["open"], ["open"]]);
  return made;
}
