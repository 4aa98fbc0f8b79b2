/** How rules about topics begin. @module */

import type { Hub } from "../../server/hub.ts";
import type { ServerSocket } from "../../server/server_socket.ts";
import type { ConnectSettings, Harness } from "./mod.ts";
import { type Opened, opened } from "./opened.ts";

/** A socket of a server. */
export interface Subscriber extends Opened {
  /** The socket. */
  readonly socket: ServerSocket;
  /** Its server. */
  readonly hub: Hub;
}

let topics = 0;

/** The name of a topic that no other rule uses: they share a server. */
export function newTopic(): string {
  return `topic ${++topics}`;
}

/** A socket that is OPEN and has subscribed to a topic; to none without. */
export async function subscriber(
  harness: Harness,
  topic?: string,
  how: ConnectSettings = {},
): Promise<Subscriber> {
  const met = await opened(harness, { binaryType: "arraybuffer", ...how }) as Subscriber;
  if (topic !== undefined) met.socket.subscribe(topic);
  return met;
}

/** Several of them, of one server. */
export async function subscribers(
  harness: Harness,
  count: number,
  topic?: string,
  how?: ConnectSettings,
): Promise<Subscriber[]> {
  const all: Subscriber[] = [];
  while (all.length < count) all.push(await subscriber(harness, topic, how));
  return all;
}
