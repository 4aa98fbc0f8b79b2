/** Rules about brokers that are away. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
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
import { underLoad } from "./load.ts";

/** Returns how often the broker of a server has come up. */
function ups({ events }: WatchedServer): number {
  return events.filter(({ type }) => type === "up").length;
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
