// What was published when its server ends.

import { history } from "@isosocket/isosocket/history";
import { MemoryBroker, scriptedServer } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";

test("`publish()` does not stay pending when its server has closed over a silent broker", async () => {
  const broker = new MemoryBroker();
  const topics = history({ "room": { size: 10, ttl: 60_000 } });
  const { hub } = scriptedServer(undefined, { broker, history: topics });
  await until(() => hub.stats().broker!.up, "up");
  broker.stall();
  let outcome: unknown = "pending";
  topics.publish("room", "last").then(
    () => outcome = "kept",
    (error: Error) => outcome = error.message,
  );
  await hub.close({ deadline: 0 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.match(String(outcome), /^Cannot publish to "room": it may not have arrived$/);
});
