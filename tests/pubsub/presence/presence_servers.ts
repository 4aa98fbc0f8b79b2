/** Servers in memory that know who is present. @module */

import assert from "node:assert/strict";
import type { Broker, BrokerConnection, Hub, ServerSocket } from "@isosocket/isosocket";
import {
  type Presence,
  presence,
  type PresenceChange,
  type PresenceOptions,
} from "@isosocket/isosocket/presence";
import { type FakeClock, type ScriptedServer, scriptedServer } from "@isosocket/isosocket/testing";

/** A server, and who is present. */
export interface PresenceServer {
  readonly people: Presence;
  readonly hub: Hub;
  /** Changes so far, as text: `"+Ann -Bob ~Cid"`. */
  readonly changes: string[];
  /** What was reported by `onError`. */
  readonly errors: unknown[];
  /** What other servers' changes make of an empty room: the same as `list()`, without metas. */
  readonly followed: Set<string>;
  /** Makes a socket that is OPEN. */
  socket(): Promise<ServerSocket>;
  /** Returns the members of a topic as text: `"Ann:1,2 Bob:"`, by their keys. */
  list(topic?: string): string;
}

const servers: ScriptedServer[] = [];

/** Makes a server. */
export function presenceServer(
  broker?: Broker,
  clock?: FakeClock,
  options?: PresenceOptions,
): PresenceServer {
  const people = presence(options);
  const errors: unknown[] = [];
  const scripted = scriptedServer(undefined, {
    heartbeat: 0,
    idleTimeout: 0,
    onError: (error) => void errors.push(error),
    presence: people,
    ...(broker === undefined ? {} : { broker }),
    ...(clock === undefined ? {} : { clock }),
  });
  servers.push(scripted);
  const changes: string[] = [];
  const followed = new Set<string>();
  people.onChange((change) => {
    changes.push(textOf(change));
    if (change.topic === "room") follow(followed, change);
  });
  return {
    people,
    hub: scripted.hub,
    changes,
    errors,
    followed,
    async socket() {
      scripted.connect("ws://memory.invalid/");
      const accepted = scripted.accept();
      await clock?.advance(0);
      return (await accepted).socket as ServerSocket;
    },
    list: (topic = "room") =>
      people.list(topic).map(({ key, metas, stale }) =>
        `${key}:${metas.map((it) => JSON.stringify(it)).sort()}${stale ? "?" : ""}`
      ).sort().join(" "),
  };
}

/** Closes all servers that were made. */
export async function closeAll(clock?: FakeClock): Promise<void> {
  const all = Promise.all(servers.splice(0).map(({ hub }) => hub.close({ deadline: 0 })));
  for (let i = 0; i < 5; i++) await clock?.advance(1000);
  await all;
}

function textOf({ joins, leaves, updates }: PresenceChange): string {
  return [
    ...joins.map(({ key }) => `+${key}`),
    ...leaves.map(({ key }) => `-${key}`),
    ...updates.map(({ key }) => `~${key}`),
  ].sort().join(" ");
}

/** Changes a set of keys, and checks that the change fits. */
function follow(keys: Set<string>, { joins, leaves, updates }: PresenceChange): void {
  for (const { key } of joins) assert.ok(!keys.has(key), `${key} joins twice`);
  for (const { key } of joins) keys.add(key);
  for (const { key } of updates) assert.ok(keys.has(key), `${key} changes, and is not there`);
  for (const { key } of leaves) assert.ok(keys.delete(key), `${key} leaves, and is not there`);
}

/** A broker's way to one server, which can end as that of a process that is killed. */
export interface Lifeline extends Broker {
  /** Lets nothing through any more. */
  kill(): void;
  /** Number of messages that have been published on channels of presence, and their bytes. */
  readonly said: { messages: number; bytes: number };
}

/** Makes the way to one server. */
export function lifeline(broker: Broker): Lifeline {
  let isDead = false;
  const said = { messages: 0, bytes: 0 };
  return {
    said,
    kill: () => void (isDead = true),
    connect(events) {
      const connection = broker.connect({
        message: (...message) => isDead || events.message(...message),
        closed: (error) => events.closed(error),
      });
      const publish: BrokerConnection["publish"] = (channel, message) => {
        if (isDead) return;
        if (channel.startsWith("presence:")) {
          said.messages++;
          said.bytes += message.length;
        }
        return connection.publish(channel, message);
      };
      return { ...connection, publish };
    },
  };
}
