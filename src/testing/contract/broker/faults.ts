/** Rules about brokers that are away. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
  type BrokerSubscriber,
  closeAll,
  isUp,
  newPrefix,
  reached,
  received,
  until,
  upServers,
  watched,
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
function checkAccount(
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

/** Returns how often the broker of a server has come up. */
function ups({ events }: WatchedServer): number {
  return events.filter(({ type }) => type === "up").length;
}

/** Two servers, of which one has a subscriber, and publishes under load while something happens. */
async function underLoad(
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

/** Rules about brokers that are away. */
export const faults: Readonly<{ [promise: string]: BrokerRule }> = {
  "a server begins while the broker is away, and is up when it comes": {
    needs: "restart",
    async try(engine) {
      await engine.kill!();
      const prefix = newPrefix();
      const servers = [watched(engine, prefix), watched(engine, prefix)];
      const here = await servers[0]!.subscriber("news");
      const there = await servers[1]!.subscriber("news");
      await until(() => servers.every(({ events }) => events.length === 1), "down");
      assert.equal(servers[0]!.events[0]!.type, "down");
      assert.equal(servers[0]!.hub.publish("news", "nobody else hears it"), 1);
      assert.deepEqual([servers[0]!.hub.stats().broker!.dropped], [1]);
      await engine.restart!();
      await until(() => servers.every(isUp), "up");
      await reached(servers[0]!, there, "news");
      assert.deepEqual(received(there), []);
      assert.deepEqual(received(here), ["nobody else hears it"]);
      for (const { events } of servers) {
        assert.deepEqual(events.map(({ type }) => type), ["down", "up"]);
      }
      await closeAll(servers);
    },
  },

  "each message that is published while a broker dies and comes back arrives or counts as lost": {
    needs: "restart",
    async try(engine) {
      const servers = await upServers(engine, 2);
      await underLoad(servers, async () => {
        await engine.kill!();
        await until(() => servers.every((it) => !isUp(it)), "down");
        const { published } = servers[0]!.hub.stats().broker!;
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(servers[0]!.hub.stats().broker!.published, published, "nothing is queued");
        await engine.restart!();
      });
      await closeAll(servers);
    },
  },

  "a broker that falls silent is down within 5 seconds, and is used again when it answers": {
    needs: "stall",
    async try(engine) {
      const servers = await upServers(engine, 2);
      await underLoad(servers, async () => {
        const begun = performance.now();
        engine.stall!();
        await until(() => servers.every((it) => !isUp(it)), "down");
        const took = performance.now() - begun;
        engine.resume!();
        assert.ok(took < 5000, `it took ${took} ms`);
      });
      await closeAll(servers);
    },
  },

  "connections that are cut under load are made again, and nothing comes twice": {
    needs: "cut",
    async try(engine) {
      const servers = await upServers(engine, 2);
      await underLoad(servers, async () => {
        for (let times = 0; times < 3; times++) {
          const before = servers.map(ups);
          engine.cut!();
          await until(() => servers.every((it, at) => ups(it) > before[at]!), "up");
        }
      });
      await closeAll(servers);
    },
  },

  "a wrong password is reported once, and the broker is up when it is right": {
    needs: "password",
    async try(engine) {
      await engine.takePassword!(false);
      const prefix = newPrefix();
      const servers = [watched(engine, prefix), watched(engine, prefix)];
      const there = await servers[1]!.subscriber("news");
      await until(() => servers.every(({ events }) => events.length === 1), "down");
      const [event] = servers[0]!.events;
      assert.equal(event!.type, "down");
      await engine.takePassword!(true);
      await until(() => servers.every(isUp), "up");
      await reached(servers[0]!, there, "news");
      assert.deepEqual(servers[0]!.events.map(({ type }) => type), ["down", "up"]);
      await closeAll(servers);
    },
  },
};
