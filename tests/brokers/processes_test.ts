// Processes that are killed, or that stop reading while more is published than an engine keeps for them.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";
import {
  closeAll,
  isUp,
  received,
  until,
  watched,
} from "../../src/testing/contract/broker/broker_rule.ts";
import { runtime } from "../runtime.ts";
import { EACH, type ReachableEngine, sampled } from "./engines.ts";
import { removeTemplate } from "./postgres_server.ts";

after(removeTemplate);

const program = fileURLToPath(new URL("programs/broker_process.ts", import.meta.url));
const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** Another process of the application. */
interface Other {
  readonly child: ChildProcess;
  /** Returns what it has counted. */
  accounts(): Promise<{ lost: number; received: number; inOrder: boolean; first: number }>;
}

async function start(url: string, speaksIn: string, hears: string): Promise<Other> {
  const args = [...flags, program, url, speaksIn, hears];
  const child = watch(spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] }));
  running.add(child);
  const lines: Interface = createInterface({ input: child.stdout! });
  await once(lines, "line");
  return {
    child,
    async accounts() {
      child.stdin!.write("\n");
      const [line] = await once(lines, "line");
      return JSON.parse(line);
    },
  };
}

async function end({ child }: Other): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  running.delete(child);
}

async function withEngine(
  start: () => Promise<ReachableEngine>,
  use: (engine: ReachableEngine) => Promise<void>,
): Promise<void> {
  const engine = await start();
  try {
    await use(engine);
  } finally {
    await engine.end();
  }
}

for (const [name, { skip, start: startEngine }] of sampled("killed", EACH)) {
  test(
    `broker ${runtime} ${name}: a process that is killed takes nothing with it`,
    { skip },
    async () => {
      await withEngine(startEngine, async (engine) => {
        const server = watched(engine, "processes:");
        const [a, b] = await Promise.all(["a", "b"].map((topic) => server.subscriber(topic)));
        const others = [await start(engine.url, "a", "x"), await start(engine.url, "b", "x")];
        await until(() => [a, b].every((it) => received(it!).length > 20), "messages of both");
        await end(others[0]!);
        const before = received(b!).length;
        await until(() => received(b!).length > before + 50, "messages of the other");
        const { lost, duplicates } = server.hub.stats().broker!;
        assert.deepEqual([lost, duplicates], [0, 0]);
        assert.deepEqual(server.events.map(({ type }) => type), ["up"]);
        await end(others[1]!);
        await closeAll([server]);
      });
    },
  );
}

/** What makes messages long: NATS of the tests takes 80,000 bytes. */
const FILLING = "x".repeat(70_000);

/** Number of messages: 84 MB, where Redis keeps 32 MiB and NATS 64 MiB for one that does not read. */
const FLOOD = 1200;

for (const [name, { skip, start: startEngine }] of sampled("slow", EACH)) {
  test(
    `broker ${runtime} ${name}: a process that does not read knows what it has lost`,
    { skip },
    async () => {
      await withEngine(startEngine, async (engine) => {
        const server = watched(engine, "processes:");
        const there = await server.subscriber("alive");
        const other = await start(engine.url, "alive", "flood");
        await until(() => isUp(server) && received(there).length > 0, "up");
        let sent = 0;
        const publish = (): void => void server.hub.publish("flood", `${++sent} ${FILLING}`);
        let accounts = await other.accounts();
        while (accounts.received === 0) { // until its subscription has taken effect
          publish();
          await new Promise((resolve) => setTimeout(resolve, 20));
          accounts = await other.accounts();
        }
        process.kill(other.child.pid!, "SIGSTOP"); // child.kill() of Deno takes any signal for the end
        while (sent < FLOOD) {
          for (let i = 0; i < 20; i++) publish();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        process.kill(other.child.pid!, "SIGCONT");
        accounts = await other.accounts();
        const last = performance.now() + 30_000;
        const known = (): number => accounts.first - 1 + accounts.received + accounts.lost;
        while (known() < sent) {
          assert.ok(performance.now() < last, `${JSON.stringify(accounts)} of ${sent}`);
          publish();
          await new Promise((resolve) => setTimeout(resolve, 100));
          accounts = await other.accounts();
        }
        assert.ok(accounts.inOrder, "once, in order");
        if (name === "redis") assert.ok(accounts.lost > 0, "it has lost none");
        assert.equal(known(), sent);
        await end(other);
        await closeAll([server]);
      });
    },
  );
}
