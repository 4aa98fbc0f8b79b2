// What redis() takes, what it refuses, and what it does with a client that is given.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { redis } from "@isosocket/isosocket/redis";
import { pair } from "@isosocket/isosocket/testing";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { until } from "../../src/testing/contract/broker/broker_rule.ts";

test("redis() refuses what is no client, clusters, other URLs and wrong options", () => {
  const strange: unknown[] = [undefined, {}, { duplicate() {} }, 6379, () => {}];
  for (const client of strange) assert.throws(() => redis(client as string), TypeError);
  const cluster = new Cluster([{ port: 1 }], { lazyConnect: true });
  const rootNodes = [{ url: "redis://127.0.0.1:1" }];
  for (const client of [cluster, createCluster({ rootNodes })]) {
    assert.throws(() => redis(client as never), /no cluster's/);
  }
  cluster.disconnect();
  assert.throws(() => redis("http://127.0.0.1"), /it must be redis: or rediss:/);
  assert.throws(() => redis("127.0.0.1"), TypeError);
  assert.throws(() => redis("redis://127.0.0.1", { prefix: "\ud800" }), /prefix/);
  assert.throws(() => redis("redis://127.0.0.1", { base64: 1 as never }), /base64/);
});

test("a server refuses what is no broker, and an onBroker that is no function", () => {
  for (const broker of [null, {}, "redis://127.0.0.1"]) {
    assert.throws(() => pair({ broker: broker as never }), /Cannot use broker: it must be one/);
  }
  assert.throws(() => pair({ onBroker: 1 as never }), /Cannot use onBroker/);
});

test("a given client has the same listeners, and no other connection, when a server is closed", async () => {
  const nothing = createServer().listen(0, "127.0.0.1");
  await once(nothing, "listening");
  const { port } = nothing.address() as { port: number };
  nothing.close();
  const client = new Redis(port, "127.0.0.1", { lazyConnect: true });
  const counts = (): number[] =>
    ["error", "end", "ready", "close", "messageBuffer"].map((event) => client.listenerCount(event));
  const before = counts();
  for (let round = 0; round < 20; round++) {
    const events: string[] = [];
    const { hub } = pair({ broker: redis(client), onBroker: ({ type }) => void events.push(type) });
    await until(() => events.length === 1, "down");
    assert.deepEqual(events, ["down"]);
    await hub.close({ deadline: 0 });
  }
  assert.deepEqual(counts(), before);
  assert.equal(client.status, "wait");
});

test("a URL is enough where a client is installed", async () => {
  const nothing = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(nothing, "listening");
  const { port } = nothing.address() as { port: number };
  const connected = once(nothing, "connection");
  const { hub } = pair({ broker: redis(`redis://127.0.0.1:${port}`), onError() {} });
  await connected;
  await hub.close({ deadline: 0 });
  nothing.close();
});
