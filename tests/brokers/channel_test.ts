// Events of a server's broker reach the channel of node:diagnostics_channel.

import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { test } from "node:test";
import { serve } from "@isosocket/isosocket";
import { MemoryBroker } from "@isosocket/isosocket/testing";
import { until } from "../../src/testing/contract/broker/broker_rule.ts";

test("isosocket:broker has the events of onBroker, and stats() the state", async () => {
  const broker = new MemoryBroker();
  const types: string[] = [];
  const listener = (event: unknown): void => void types.push((event as { type: string }).type);
  // Bun 1.4.5 forgets a channel that nobody holds, with its subscribers, before serve() holds it.
  const events = channel("isosocket:broker");
  events.subscribe(listener);
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const server = await serve(
    { port: 0, hostname: "127.0.0.1", broker },
    () => new Response(),
  );
  await until(() => server.stats().broker!.up, "up");
  broker.stop();
  await until(() => types.length === 2, "down");
  assert.equal(server.stats().broker!.up, false);
  await server.close();
  assert.equal(broker.connections, 0);
  events.unsubscribe(listener);
  assert.deepEqual(types, ["up", "down"]);
});
