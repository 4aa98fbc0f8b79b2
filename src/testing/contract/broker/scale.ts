/** Rules about many topics, and about time. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
  closeAll,
  isUp,
  reached,
  received,
  until,
  upServers,
} from "./broker_rule.ts";
import { underLoad } from "./load.ts";

/** Number of topics of one server. */
const MANY = 10_000;

/** Hour by which a clock jumps, in milliseconds. */
const HOUR = 3_600_000;

/** Rules about many topics, and about time. */
export const scale: Readonly<{ [promise: string]: BrokerRule }> = {
  "a clock that jumps by an hour, forth or back, changes nothing": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const { now } = Date;
      try {
        await underLoad(servers, async () => {
          for (const jump of [0, HOUR, -HOUR]) {
            Date.now = () => now() + jump;
            await new Promise((resolve) => setTimeout(resolve, 1200)); // a ping is due in each
          }
        });
      } finally {
        Date.now = now;
      }
      for (const { events } of servers) {
        assert.deepEqual(events.map(({ type }) => type), ["up"]);
      }
      await closeAll(servers);
    },
  },

  "a server with 10,000 topics misses none of them, nor after its connection was cut": {
    needs: "cut",
    async try(engine) {
      const servers = await upServers(engine, 2);
      const [publisher, other] = servers as [typeof servers[0], typeof servers[0]];
      const topics = Array.from({ length: MANY }, (_, at) => `topic ${at}`);
      const there = await other.subscriber(...topics);
      for (const times of [1, 2]) {
        await reached(publisher, there, topics.at(-1)!);
        for (const topic of topics) publisher.hub.publish(topic, topic);
        await until(() => received(there).length === times * MANY, `${times} of each`, 20_000);
        if (times === 1) engine.cut!();
        if (times === 1) await until(() => !servers.some(isUp), "down");
        await until(() => servers.every(isUp), "up");
      }
      assert.equal(new Set(received(there)).size, MANY);
      const { lost, duplicates } = other.hub.stats().broker!;
      assert.deepEqual([lost, duplicates], [0, 0]);
      await closeAll(servers);
    },
  },
};
