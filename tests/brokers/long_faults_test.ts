// Engines that are away for 30 seconds, or silent for 10: longer than a client waits, and than many keep what
// is published. One engine each, or all with ISOSOCKET_BROKERS=all.

import { after, test } from "node:test";
import assert from "node:assert/strict";
import { closeAll, isUp, until, upServers } from "../../src/testing/contract/broker/broker_rule.ts";
import { underLoad } from "../../src/testing/contract/broker/load.ts";
import { runtime } from "../runtime.ts";
import { type EngineKind, type ReachableEngine, sampled } from "./engines.ts";
import { removeTemplate } from "./postgres_server.ts";

after(removeTemplate);

const AWAY = 30_000;
const SILENT = 10_000;

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function tryFault(
  { start }: EngineKind,
  fault: (engine: ReachableEngine) => Promise<void>,
  repair: (engine: ReachableEngine) => Promise<void> | void,
  duration: number,
): Promise<void> {
  const engine = await start();
  try {
    const servers = await upServers(engine, 2);
    await underLoad(servers, async () => {
      await fault(engine);
      await until(() => !servers.some(isUp), "down");
      const { published } = servers[0]!.hub.stats().broker!;
      await wait(duration);
      assert.equal(servers[0]!.hub.stats().broker!.published, published, "nothing is queued");
      await repair(engine);
    });
    for (const { events } of servers) {
      assert.deepEqual(events.filter(({ type }) => type !== "lost").map(({ type }) => type), [
        "up",
        "down",
        "up",
      ]);
    }
    await closeAll(servers);
  } finally {
    await engine.end();
  }
}

for (const [name, kind] of sampled("away", ["node 24"])) {
  test(`broker ${runtime} ${name}: dead for 30 seconds`, { skip: kind.skip }, async () => {
    await tryFault(kind, (it) => it.kill!(), (it) => it.restart!(), AWAY);
  });
}

for (const [name, kind] of sampled("silent", ["node 24"])) {
  test(`broker ${runtime} ${name}: silent for 10 seconds`, { skip: kind.skip }, async () => {
    await tryFault(kind, (it) => Promise.resolve(it.stall!()), (it) => it.resume!(), SILENT);
  });
}
