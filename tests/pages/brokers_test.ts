// The servers of docs/brokers.md: what one process is sent reaches the sockets of another one.

import { connect, type Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { watch } from "../../scripts/processes/unhandled.ts";
import { skipWithout } from "../brokers/engine_process.ts";
import { REDIS_SERVER } from "../brokers/redis_server.ts";
import { runtime } from "../runtime.ts";
import { blocksOf, root } from "./page.ts";
import { freePort, start } from "./program.ts";

const [overRedis, overCluster] = blocksOf("docs/brokers.md").filter(({ code }) =>
  code.startsWith("// server.ts: ")
);

/** Resolves with an open socket. Where nothing listens yet, another attempt is made. */
async function opened(port: number): Promise<Socket> {
  for (let attempts = 0;; attempts++) {
    const socket = connect(`ws://127.0.0.1:${port}/`, { engine: "tcp" });
    try {
      await socket.opened;
      return socket;
    } catch (error) {
      if (attempts === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Says the same until the others have heard it: what is published while a broker is down is dropped. */
async function allHear(said: string, speaker: Socket, others: readonly Socket[]): Promise<void> {
  const heard = Promise.all(others.map((other) => once(other, "message")));
  const again = setInterval(() => speaker.send(said), 50);
  for (const [event] of await heard) assert.equal(event.data, said);
  clearInterval(again);
}

test(
  "two servers of docs/brokers.md over one Redis",
  { skip: skipWithout(REDIS_SERVER) },
  async () => {
    const [redisPort, ...ports] = await Promise.all([freePort(), freePort(), freePort()]);
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const args = ["--port", `${redisPort}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const engine = watch(spawn(REDIS_SERVER, args, { stdio: ["ignore", "pipe", "pipe"] }));
    const block = { ...overRedis!, code: overRedis!.code.replace("6379", `${redisPort}`) };
    const programs = await Promise.all(ports.map((port) => start(block, port)));
    try {
      const [one, other] = await Promise.all(ports.map(opened));
      await allHear("from the other process", one!, [other!]);
      await Promise.all([one, other].map((socket) => socket![Symbol.asyncDispose]()));
    } finally {
      for (const program of programs) program.end();
      engine.kill("SIGKILL");
      await once(engine, "close");
      rmSync(folder, { recursive: true });
    }
  },
);

const skip = runtime !== "node 24" && "tests/brokers has node:cluster on each runtime";

test("the workers of docs/brokers.md", { skip }, async () => {
  const port = await freePort();
  mkdirSync(join(root, ".build"), { recursive: true });
  const folder = mkdtempSync(join(root, ".build/cluster-")); // inside of the package, which it imports
  writeFileSync(join(folder, "server.ts"), overCluster!.code.replace("8080", `${port}`));
  const primary = watch(spawn(process.execPath, [join(folder, "server.ts")], { cwd: root }));
  try {
    const sockets: Socket[] = [];
    for (let i = 0; i < 4; i++) sockets.push(await opened(port)); // in turns, one to each worker
    await allHear("to all workers", sockets[0]!, sockets.slice(1));
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
  } finally {
    // A worker that does not listen yet fails inside of Node when the primary process is gone.
    primary.stderr!.removeAllListeners("data").resume();
    primary.kill("SIGKILL");
    await once(primary, "close");
    rmSync(folder, { recursive: true });
  }
});
