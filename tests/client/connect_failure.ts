/** Waits for sockets that fail to connect. @module */

import type { ConnectFailure, Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { EventLog } from "../../src/testing/contract/event_log.ts";

/** Waits until a socket has failed to connect: `error`, then `close` with 1006. Returns the cause. */
export async function failureOf(socket: Socket): Promise<ConnectFailure | undefined> {
  const log = new EventLog(socket);
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["error", "close"]);
  const [error] = log.errors as Error[];
  assert.match(error!.message, /^The connection was not established/); // after a timeout, too
  return error!.cause as ConnectFailure | undefined;
}
