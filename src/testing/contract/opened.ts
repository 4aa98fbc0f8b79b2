/** First and last steps that most rules share. @module */

import type { Connected, ConnectSettings, Harness } from "./rule.ts";
import { EventLog } from "./event_log.ts";

/** A socket and its peer, with the socket's events so far. */
export interface Opened extends Connected {
  /** Events of the socket, from its creation on. */
  readonly log: EventLog;
}

/** Connects a socket and logs its events; does not wait for the `open` event. */
export async function observed(harness: Harness, settings: ConnectSettings = {}): Promise<Opened> {
  let log!: EventLog;
  const connected = await harness.connect({
    ...settings,
    attach(socket) {
      log = new EventLog(socket);
      settings.attach?.(socket);
    },
  });
  return { ...connected, log };
}

/** Connects a socket, logs its events, and waits for the `open` event. */
export async function opened(harness: Harness, settings?: ConnectSettings): Promise<Opened> {
  const connected = await observed(harness, settings);
  await connected.log.next("open");
  return connected;
}

/** Closes a socket in good order: both ends send a Close frame. */
export async function part({ socket, peer }: Connected): Promise<void> {
  socket.close();
  await peer.part();
}
