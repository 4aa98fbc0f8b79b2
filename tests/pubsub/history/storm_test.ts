// Many clients that come back at once cost few reads, and a server catches up once for all of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBroker } from "@isosocket/isosocket/testing";
import { isUp, until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { Servers } from "../../brokers/servers.ts";
import { history } from "@isosocket/isosocket/history";

const CLIENTS = 500;

test(`${CLIENTS} clients that come back at once: one read for each 64 offsets`, async () => {
  const broker = new MemoryBroker();
  const topics = history({ "": { size: 1000, ttl: 3_600_000 } });
  const servers = new Servers();
  const server = servers.serve({ broker, history: topics });
  await until(() => isUp(server), "up");
  const stays = await server.recovering({}, "news");
  await until(() => stays.states.length === 1, "the state");
  const { epoch } = await topics.publish("news", "0");
  for (let i = 1; i < 200; i++) await topics.publish("news", `${i}`);
  await until(() => stays.messages.length === 200, "all");
  assert.equal(broker.reads, 0);

  const back = await Promise.all(
    Array.from(
      { length: CLIENTS },
      (_, at) => server.recovering({ news: { epoch, offset: 10 + at % 180 } }, "news"),
    ),
  );
  await topics.publish("news", "last");
  await until(() => back.every(({ messages }) => messages.at(-1) === "last"), "all are back");
  for (const [at, { messages, states }] of back.entries()) {
    assert.deepEqual(states, [{ topic: "news", recovered: true }]);
    assert.equal(messages.length, 200 - 10 - at % 180 + 1);
    assert.deepEqual(
      messages.slice(0, -1),
      [...Array(200).keys()].map(String).slice(10 + at % 180),
    );
  }
  assert.ok(broker.reads <= 8, `${broker.reads} reads`); // three buckets, at most a few times

  const before = broker.reads;
  broker.cut();
  await until(() => !isUp(server), "down");
  await until(() => isUp(server), "up");
  await topics.publish("news", "after");
  await until(() => back.every(({ messages }) => messages.at(-1) === "after"), "all go on");
  assert.equal(broker.reads, before + 1, "one for all sockets");
  await servers.close();
});
