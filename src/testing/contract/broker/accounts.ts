/** Rules about what is counted: twice, not at all, or not ours. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
  closeAll,
  newPrefix,
  reached,
  received,
  until,
  upServers,
} from "./broker_rule.ts";
import { headerOf, wireOf } from "./wire.ts";

const NODE = "rules-server";

/** Rules about what is counted, and how a connection ends. */
export const accounts: Readonly<{ [promise: string]: BrokerRule }> = {
  "a message that comes twice, or behind a later one, is delivered once": {
    async try(engine) {
      const prefix = newPrefix();
      const servers = await upServers(engine, 1, prefix);
      const here = await servers[0]!.subscriber("news");
      const wire = wireOf(engine, prefix);
      for (const number of [1, 2, 2, 1, 3]) {
        await wire.send("topic:news", `1 ${NODE} ${number} t\n${number}`);
      }
      await until(() => received(here).length === 3, "three messages");
      assert.deepEqual(received(here), ["1", "2", "3"]);
      const { received: number, duplicates, lost } = servers[0]!.hub.stats().broker!;
      assert.deepEqual([number, duplicates, lost], [3, 2, 0]);
      await wire.close();
      await closeAll(servers);
    },
  },

  "messages that did not come are missed when a later one comes": {
    async try(engine) {
      const prefix = newPrefix();
      const servers = await upServers(engine, 1, prefix);
      const here = await servers[0]!.subscriber("news");
      const wire = wireOf(engine, prefix);
      await wire.send("topic:news", `1 ${NODE} 5 t\nfirst`); // what was before is not known
      await wire.send("topic:news", `1 ${NODE} 9 t\nsecond`);
      await wire.send("topic:news", `1 ${NODE} 11 m\n`); // a mark: the server has come so far
      await wire.send("topic:news", `1 ${NODE} 70 t+\nthird`); // it counts anew
      await until(() => received(here).length === 3, "three messages");
      assert.deepEqual(servers[0]!.events.slice(1), [
        { type: "lost", topic: "news", count: 3 },
        { type: "lost", topic: "news", count: 2 },
      ]);
      assert.equal(servers[0]!.hub.stats().broker!.lost, 5);
      await wire.close();
      await closeAll(servers);
    },
  },

  "what this package did not publish is ignored and counted": {
    async try(engine) {
      const prefix = newPrefix();
      const servers = await upServers(engine, 1, prefix);
      const here = await servers[0]!.subscriber("news");
      const wire = wireOf(engine, prefix);
      const strange = ["", "hello", "\n", `2 ${NODE} 1 t\nx`, `1 ${NODE} 0 t\nx`, `1 x 1 t\nx`];
      for (const text of strange) if (text !== "") await wire.send("topic:news", text);
      await wire.send("topic:news", `1 ${NODE} 1 B\nno base64 at all`);
      await wire.send("topic:news", `1 ${NODE} 1 t\nours`);
      await until(() => received(here).length === 1, "the last message");
      assert.deepEqual(received(here), ["ours"]);
      assert.equal(servers[0]!.hub.stats().broker!.ignored, strange.length);
      assert.deepEqual(servers[0]!.errors, []);
      await wire.close();
      await closeAll(servers);
    },
  },

  "two servers that happen to have one name notice it, and take others": {
    async try(engine) {
      const prefix = newPrefix();
      const servers = await upServers(engine, 2, prefix);
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      const wire = wireOf(engine, prefix);
      await wire.listen("topic:news");
      servers[0]!.hub.publish("news", "before");
      const [, name] = (await headerOf(wire, "before")).split(" ");
      await wire.send(`node:${name}`, "another-one- 1");
      await until(() => servers[0]!.events.length === 3, "down and up");
      assert.deepEqual(servers[0]!.events.map(({ type }) => type), ["up", "down", "up"]);
      servers[0]!.hub.publish("news", "after");
      const [, other] = (await headerOf(wire, "after")).split(" ");
      assert.notEqual(other, name);
      await until(() => received(there).length === 2, "both");
      await wire.close();
      await closeAll(servers);
    },
  },

  "close() sends what was published before, and leaves no connection": {
    async try(engine) {
      const before = await engine.connections();
      const servers = await upServers(engine, 2);
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      for (let i = 0; i < 100; i++) servers[0]!.hub.publish("news", `${i}`);
      servers[0]!.hub.publish("news", new Blob(["last"]));
      await closeAll([servers[0]!]);
      await until(() => received(there).length === 101, "all");
      await closeAll([servers[1]!]);
      let now = Infinity;
      await until(() => {
        engine.connections().then((count) => now = count, () => {});
        return now <= before;
      }, "the end of the connections");
      assert.equal(servers[0]!.hub.publish("news", "too late"), 0);
      assert.equal(servers[0]!.hub.stats().broker!.up, false);
    },
  },
};
