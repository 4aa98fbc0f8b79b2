/** How most rules begin and end. @module */

import type { Ground, Meeting, Met } from "./mod.ts";
import { Record } from "./event_log.ts";

/** A socket that is OPEN, its far end, and what has happened to it so far. */
export interface Opened extends Met {
  /** What happened: `open`, to begin with. */
  readonly record: Record;
}

/** Meets, and waits for the open event. */
export async function opened(ground: Ground, how: Meeting = {}): Promise<Opened> {
  let record!: Record;
  const met = await ground.meet({ ...how, attach: (socket) => record = new Record(socket) });
  await record.next("open");
  return { ...met, record };
}

/** Closes a socket, in good order. */
export async function part({ near, far }: Met): Promise<void> {
  near.close();
  await far.part();
}
