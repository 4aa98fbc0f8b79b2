/** Servers with topics that keep a history, and clients that come back to them. @module */

import assert from "node:assert/strict";
import type { RecoveryPositions } from "../../../client/recover/recovery.ts";
import { history, type HistoryOptions } from "../../../pubsub/history/history.ts";
import type { TopicHistory } from "../../../pubsub/history/topic_history.ts";
import {
  type BrokerEngine,
  isUp,
  newPrefix,
  type RecoveringSubscriber,
  until,
  watched,
  type WatchedServer,
} from "./broker_rule.ts";

/** An hour, in milliseconds. */
export const HOUR: number = 3_600_000;

/** A server with topics that keep a history. */
export interface HistoryServer extends WatchedServer {
  /** Its topics. */
  readonly topics: TopicHistory;
}

/** Starts servers of one application that keep histories, and waits until all are up. */
export async function keepers(
  engine: BrokerEngine,
  count: number,
  options: HistoryOptions = { size: 1000, ttl: HOUR },
): Promise<[HistoryServer, ...HistoryServer[]]> {
  const prefix = newPrefix();
  const servers = Array.from({ length: count }, () => {
    const topics = history({ "room:": options });
    return { ...watched(engine, prefix, { history: topics }), topics };
  });
  await until(() => servers.every(isUp), "up");
  return servers as [HistoryServer, ...HistoryServer[]];
}

/** Makes a client that comes from nowhere, and waits until it gets what is published. */
export async function follower(
  server: HistoryServer,
  topic = "room:1",
): Promise<RecoveringSubscriber> {
  return await back(server, {}, topic);
}

/** Makes a client that comes back, and waits until it knows whether it has recovered. */
export async function back(
  server: HistoryServer,
  since: RecoveryPositions,
  topic = "room:1",
): Promise<RecoveringSubscriber> {
  const client = await server.recovering(since, topic);
  await until(() => client.states.length > 0, "the state of the topic");
  return client;
}

/** Publishes texts, all at once. */
export async function publishAll(server: HistoryServer, list: readonly string[]): Promise<void> {
  await Promise.all(list.map((text) => server.topics.publish("room:1", text)));
}

/** Returns numbers as text. */
export function texts(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, at) => `${from + at}`);
}

/** Publishes until it is told to end. Returns what was acknowledged, and how many were rejected. */
export function load(
  server: HistoryServer,
): () => Promise<{ acknowledged: string[]; rejected: number }> {
  const acknowledged: string[] = [];
  const all: Promise<void>[] = [];
  let rejected = 0;
  const timer = setInterval(() => {
    const text = `${all.length}`;
    all.push(
      server.topics.publish("room:1", text).then(
        () => void acknowledged.push(text),
        () => void rejected++,
      ),
    );
  }, 3);
  return async () => {
    clearInterval(timer);
    await Promise.all(all);
    return { acknowledged, rejected };
  };
}

/** Publishes while something happens. Checks that nothing comes twice, and what is missing is told. */
export async function checkUnderLoad(
  servers: readonly [HistoryServer, ...HistoryServer[]],
  happening: () => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(servers.map((server) => follower(server)));
  const end = load(servers[0]);
  await until(() => clients.every(({ messages }) => messages.length > 20), "load");
  await happening();
  await until(() => servers.every(isUp), "up again");
  const before = clients[0]!.messages.length;
  await until(() => clients[0]!.messages.length > before + 20, "load again");
  const { acknowledged } = await end();
  const last = acknowledged.at(-1)!;
  for (const { messages, states } of clients) {
    await until(() => messages.includes(last), "the last message");
    const numbers = messages.map(Number);
    assert.deepEqual(numbers, [...new Set(numbers)].toSorted((a, b) => a - b), "once, in order");
    const isTold = states.slice(1).some(({ recovered }) => recovered === false);
    const missing = acknowledged.filter((text) => !messages.includes(text));
    assert.ok(missing.length === 0 || isTold, `${missing.length} are missing, untold`);
  }
}
