/** Rules about topics that keep a history, and brokers that are away. @module */

import assert from "node:assert/strict";
import { type BrokerRule, closeAll, isUp, until } from "./broker_rule.ts";
import { back, checkUnderLoad, follower, keepers, publishAll, texts } from "./history_servers.ts";

/** Rules about histories whose broker is away. */
export const historyFaults: Readonly<{ [promise: string]: BrokerRule }> = {
  "publish() to a history rejects at once while the broker is down": {
    keepsHistory: true,
    needs: "restart",
    async try(engine) {
      const [server] = await keepers(engine, 1);
      const client = await follower(server);
      await engine.kill!();
      await until(() => !isUp(server), "down");
      const begun = performance.now();
      await assert.rejects(server.topics.publish("room:1", "lost"), /the broker is down/);
      assert.ok(performance.now() - begun < 100);
      assert.equal(server.hub.stats().broker!.dropped, 1);
      await engine.restart!();
      await until(() => isUp(server), "up");
      await publishAll(server, ["next"]);
      await until(() => client.messages.length > 0, "what follows");
      assert.deepEqual(client.messages, ["next"]);
      await closeAll([server]);
    },
  },

  "a broker that dies under load loses nothing that was acknowledged, or clients are told": {
    keepsHistory: true,
    needs: "restart",
    async try(engine) {
      const servers = await keepers(engine, 2);
      await checkUnderLoad(servers, async () => {
        await engine.kill!();
        await until(() => servers.every((it) => !isUp(it)), "down");
        await engine.restart!();
      });
      await closeAll(servers);
    },
  },

  "servers that were cut off catch up by themselves, once for all their sockets": {
    keepsHistory: true,
    needs: "cut",
    async try(engine) {
      const servers = await keepers(engine, 2);
      await checkUnderLoad(servers, async () => {
        for (let times = 0; times < 3; times++) {
          engine.cut!();
          await until(() => servers.some((it) => !isUp(it)), "down");
          await until(() => servers.every(isUp), "up");
        }
      });
      await closeAll(servers);
    },
  },

  "a broker that falls silent ends what is published within 5 seconds, and clients miss nothing": {
    keepsHistory: true,
    needs: "stall",
    async try(engine) {
      const servers = await keepers(engine, 2);
      await checkUnderLoad(servers, async () => {
        engine.stall!();
        const begun = performance.now();
        const stalled = servers[0].topics.publish("room:2", "late").catch(() => {});
        await stalled;
        const took = performance.now() - begun;
        engine.resume!();
        assert.ok(took < 5000, `it took ${took} ms`);
      });
      await closeAll(servers);
    },
  },

  "clients are told if the engine loses a history, and get what follows": {
    keepsHistory: true,
    needs: "forget",
    async try(engine) {
      const servers = await keepers(engine, 2);
      const clients = await Promise.all(servers.map((server) => follower(server)));
      await publishAll(servers[0], texts(5));
      await until(() => clients.every(({ messages }) => messages.length === 5), "all");
      const since = clients[0]!.positions();
      await engine.forget!();
      await publishAll(servers[1]!, ["next"]);
      for (const { messages, states } of clients) {
        await until(() => messages.length === 6, "what follows");
        assert.equal(messages[5], "next");
        assert.deepEqual(states.slice(1), [{ topic: "room:1", recovered: false }]);
      }
      const late = await back(servers[0], since);
      assert.deepEqual(late.states, [{ topic: "room:1", recovered: false }]);
      await closeAll(servers);
    },
  },
};
