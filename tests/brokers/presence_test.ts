// Who is present at other processes, over real engines: joins and leaves, and a process that is killed.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { presence } from "@isosocket/isosocket/presence";
import { isInShare } from "../../scripts/run/sample.mjs";
import { watch } from "../../scripts/processes/unhandled.ts";
import { until } from "../../src/testing/contract/broker/broker_rule.ts";
import { runtime } from "../runtime.ts";
import { EACH, type ReachableEngine, sampled } from "./engines.ts";
import { removeTemplate } from "./postgres_server.ts";

after(removeTemplate);

const program = (name: string): string =>
  fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** Time that others may take to know what has changed, and that a killed process is there. */
const KNOWN = 1000;
const GONE = 15_000;

/** Time that a message takes at most on a machine that is busy, beside the limits. */
const BUSY = 1000;

async function tryEngine(engine: ReachableEngine): Promise<void> {
  const people = presence<{ pid: number }>();
  const { hub } = engine.serve({ broker: engine.broker("presence:"), presence: people });
  const heard: [what: string, at: number][] = [];
  people.onChange(({ joins, leaves }) => {
    for (const { key } of joins) heard.push([`+${key}`, Date.now()]);
    for (const { key } of leaves) heard.push([`-${key}`, Date.now()]);
  });
  const args = [...flags, program("presence_process"), engine.url, "Ann"];
  const child = watch(spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] }));
  running.add(child);
  const lines = createInterface({ input: child.stdout! });
  await once(lines, "line");
  await until(() => heard.length === 1, "the first member", 50_000);
  const pid = people.list("room")[0]?.metas[0]?.pid;
  assert.equal(pid, child.pid);
  for (const what of ["-Ann", "+Ann"]) {
    heard.length = 0;
    child.stdin!.write("\n");
    const [at] = await once(lines, "line");
    await until(() => heard.length > 0, what);
    assert.equal(heard[0]![0], what);
    const took = heard[0]![1] - Number(at);
    assert.ok(took < KNOWN + BUSY, `${what}: ${took} ms`);
  }
  heard.length = 0;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  const killed = Date.now();
  await closed;
  running.delete(child);
  await until(() => heard.length > 0, "the end of the member", GONE + BUSY);
  const took = heard[0]![1] - killed;
  assert.ok(took > 6000 && took < GONE + BUSY, `${took} ms`);
  assert.deepEqual([heard.map(([what]) => what), people.list("room")], [["-Ann"], []]);
  assert.equal(hub.stats().broker!.ignored, 0);
  await hub.close();
}

for (const [name, { skip, start }] of sampled("presence", EACH)) {
  test(
    `presence ${runtime} ${name}: who joins and leaves is known within a second, who is killed in 15`,
    { skip },
    async () => {
      const engine = await start();
      try {
        await tryEngine(engine);
      } finally {
        await engine.end();
      }
    },
  );
}

/** Node 24 tries it, and one of the others: it follows from the seed. */
const triesCluster = runtime === "node 24" ||
  isInShare("presence cluster", ["deno", "bun"].indexOf(runtime), 2);

test(
  `presence ${runtime} cluster: a worker that is killed is gone within 15 seconds`,
  { skip: !triesCluster && "another runtime tries it" },
  async () => {
    const args = [...flags, program("cluster_presence")];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 90_000 });
    const took = Number(stdout);
    assert.ok(took > 6000 && took < GONE + BUSY, `${stdout} ms`);
  },
);
