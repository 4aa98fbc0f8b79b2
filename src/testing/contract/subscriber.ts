/** First steps that the rules about topics share. @module */

import type { Hub } from "../../server/hub.ts";
import type { ServerSocket } from "../../server/server_socket.ts";
import type { ConnectSettings, Harness } from "./rule.ts";
import { type Opened, opened } from "./opened.ts";

/** A server's socket that can subscribe to topics. */
export interface Subscriber extends Opened {
  /** The socket under test. */
  readonly socket: ServerSocket;
  /** All sockets of the same server. */
  readonly hub: Hub;
}

let topics = 0;

/** Returns the name of a topic that no other rule uses: rules share a server. */
export function newTopic(): string {
  return `topic ${++topics}`;
}

/** Connects a socket, waits until it is OPEN, and subscribes it to the topic, if there is one. */
export async function subscriber(
  harness: Harness,
  topic?: string,
  settings: ConnectSettings = {},
): Promise<Subscriber> {
  const connected = await opened(harness, { binaryType: "arraybuffer", ...settings }) as Subscriber;
  if (topic !== undefined) connected.socket.subscribe(topic);
  return connected;
}

/** Connects several subscribers of one server. */
export async function subscribers(
  harness: Harness,
  count: number,
  topic?: string,
  settings?: ConnectSettings,
): Promise<Subscriber[]> {
  const all: Subscriber[] = [];
  while (all.length < count) all.push(await subscriber(harness, topic, settings));
  return all;
}
