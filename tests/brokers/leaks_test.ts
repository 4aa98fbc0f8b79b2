// Nothing is left of a hundred servers that came and went, some of them while the engine was away.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  closeAll,
  isUp,
  reached,
  until,
  upServers,
} from "../../src/testing/contract/broker/broker_rule.ts";
import { runtime } from "../runtime.ts";
import { EACH, type ReachableEngine, sampled } from "./engines.ts";
import { removeTemplate } from "./postgres_server.ts";

after(removeTemplate);

const ROUNDS = 100;

/** Rounds before anything is counted: code is compiled, and caches are filled. */
const WARMING = 20;

/** Bytes that a hundred rounds may leave: a tenth of what their servers would take. */
const MAX_LEFT = 4_000_000;

const DESCRIPTORS = "/proc/self/fd";

/** Returns a function that collects garbage, where there is one. */
function collector(): (() => void) | undefined {
  const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  if (!runtime.startsWith("node")) return undefined;
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** What is left, after garbage collections and turns of the loop. */
async function counts(): Promise<{ descriptors: number; listeners: number; heap: number }> {
  const collect = collector();
  for (let times = 0; times < 5; times++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect?.();
  }
  return {
    descriptors: existsSync(DESCRIPTORS) ? readdirSync(DESCRIPTORS).length : 0,
    listeners: process.eventNames().reduce((sum, it) => sum + process.listenerCount(it), 0),
    heap: collect === undefined ? 0 : process.memoryUsage().heapUsed,
  };
}

async function round(engine: ReachableEngine, at: number): Promise<void> {
  const servers = await upServers(engine, 2);
  const there = await servers[1]!.subscriber("news", "other");
  await reached(servers[0]!, there, "news");
  if (at % 10 === 0) {
    engine.cut!();
    await until(() => !servers.every(isUp), "down");
    if (at % 20 === 0) await until(() => servers.every(isUp), "up");
  }
  await closeAll(servers);
}

for (const [name, { skip, start }] of sampled("leaks", EACH)) {
  test(`broker ${runtime} ${name}: nothing is left of ${ROUNDS} rounds`, { skip }, async () => {
    const engine = await start();
    try {
      for (let at = 1; at <= WARMING; at++) await round(engine, at);
      const before = await counts();
      const connections = await engine.connections();
      for (let at = 1; at <= ROUNDS; at++) await round(engine, at);
      const after = await counts();
      assert.equal(await engine.connections(), connections);
      const descriptors = after.descriptors - before.descriptors;
      assert.ok(descriptors <= 2, `${descriptors} descriptors`);
      assert.equal(after.listeners, before.listeners);
      const left = after.heap - before.heap;
      assert.ok(left < MAX_LEFT, `${left} bytes`);
    } finally {
      await engine.end();
    }
  });
}
