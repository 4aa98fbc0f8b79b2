/** Load of messages while something happens, and the account of it. @module */

import assert from "node:assert/strict";
import {
  type BrokerSubscriber,
  isUp,
  reached,
  received,
  until,
  type WatchedServer,
} from "./broker_rule.ts";

/** Publishes a number every few milliseconds. Returns a function that ends it and returns all. */
function load({ hub }: WatchedServer, topic: string): () => string[] {
  const sent: string[] = [];
  const timer = setInterval(() => hub.publish(topic, sent[sent.push(`${sent.length}`) - 1]!), 3);
  return () => {
    clearInterval(timer);
    return sent;
  };
}

/** Checks that each message has come in order, or has been counted as lost. */
export function checkAccount(
  server: WatchedServer,
  subscriber: BrokerSubscriber,
  sent: readonly string[],
): void {
  const numbers = received(subscriber).map(Number);
  assert.deepEqual(numbers, [...new Set(numbers)].toSorted((a, b) => a - b), "once, in order");
  const { lost } = server.hub.stats().broker!;
  assert.equal(numbers.length + lost, sent.length, `${numbers.length} came, ${lost} were lost`);
  const told = server.events.reduce((sum, it) => it.type === "lost" ? sum + it.count : sum, 0);
  assert.equal(told, lost);
}

/** Two servers, of which one has a subscriber, and publishes under load while something happens. */
export async function underLoad(
  servers: readonly WatchedServer[],
  happening: () => Promise<void>,
): Promise<void> {
  const [publisher, other] = servers as [WatchedServer, WatchedServer];
  const here = await publisher.subscriber("news");
  const there = await other.subscriber("news");
  await reached(publisher, there, "news");
  const end = load(publisher, "news");
  await until(() => received(there).length > 20, "load");
  await happening();
  await until(() => servers.every(isUp), "up again");
  const before = received(there).length;
  await until(() => received(there).length > before + 20, "load again");
  const sent = end();
  await reached(publisher, there, "news");
  checkAccount(other, there, sent);
  assert.deepEqual(received(here), sent, "its own subscribers miss none");
}
