/** How most rules begin and end. @module */

import type { Connected, ConnectSettings, Harness } from "./mod.ts";
import { EventLog } from "./event_log.ts";

/** A socket that is OPEN, its far end, and what has happened to it so far. */
export interface Opened extends Connected {
  /** What happened: `open`, to begin with. */
  readonly record: EventLog;
}

/** Meets, and waits for the open event. */
export async function opened(harness: Harness, how: ConnectSettings = {}): Promise<Opened> {
  let record!: EventLog;
  const met = await harness.connect({ ...how, attach: (socket) => record = new EventLog(socket) });
  await record.next("open");
  return { ...met, record };
}

/** Closes a socket, in good order. */
export async function part({ socket, peer }: Connected): Promise<void> {
  socket.close();
  await peer.part();
}
