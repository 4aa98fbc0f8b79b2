// A Redis that comes back with less than it has acknowledged does not give offsets again unnoticed.

import type { BrokerConnection } from "@isosocket/isosocket/redis";
import { redis } from "@isosocket/isosocket/redis";
import { Redis } from "ioredis";
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { EngineProcess, skipWithout } from "./engine_process.ts";
import { REDIS_SERVER } from "./redis_server.ts";

const skip = skipWithout(REDIS_SERVER);
const CHANNEL = "history:room";
const ALL = { after: 0, messages: 300, bytes: 1024 };

/** Connects to a Redis for as long as something is done. */
async function connected(
  path: string,
  use: (connection: BrokerConnection, client: Redis) => Promise<void>,
): Promise<void> {
  const client = new Redis(path);
  client.on("error", () => {});
  const events = { message: () => {}, closed: () => {} };
  const connection = redis(client).connect(events);
  await connection.subscribe(CHANNEL); // it is connected
  await use(connection, client);
  await connection.close();
  client.disconnect();
}

async function append(connection: BrokerConnection, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const entry = { size: 100, ttl: 60_000, node: "a".repeat(12), number };
    await connection.append!(CHANNEL, new TextEncoder().encode(String(number)), entry);
  }
}

async function withRedis(
  appendOnly: "yes" | "no",
  use: (path: string, restart: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const path = (folder: string): string => join(folder, "redis.sock");
  const engine = await EngineProcess.start(REDIS_SERVER, (folder) => {
    const place = ["--port", "0", "--unixsocket", path(folder), "--dir", folder];
    return [...place, "--save", "", "--appendonly", appendOnly];
  }, path);
  try {
    await use(path(engine.folder), async () => {
      await engine.kill();
      await engine.restart();
    });
  } finally {
    await engine.end();
  }
}

test("a history that comes back older has another epoch", { skip }, async () => {
  await withRedis("no", async (path, restart) => {
    let before = "";
    await connected(path, async (connection, client) => {
      await append(connection, 1, 2);
      await client.save();
      await append(connection, 3, 4);
      const { epoch, top } = await connection.read!(CHANNEL, ALL);
      assert.equal(top, 4);
      before = epoch;
    });
    await restart();
    await connected(path, async (connection, client) => {
      assert.equal(await client.exists(`isosocket:${CHANNEL}:h`), 1, "the older state was loaded");
      await append(connection, 5, 9); // more than were lost
      const { epoch, top, messages } = await connection.read!(CHANNEL, ALL);
      assert.notEqual(epoch, before);
      assert.equal(top, 5);
      assert.equal(messages.length, 5);
      await connected(path, async (other) => { // that of the same run is the same
        assert.equal((await other.read!(CHANNEL, ALL)).epoch, epoch);
      });
    });
  });
});

test("a history goes on if Redis keeps what it has acknowledged", { skip }, async () => {
  await withRedis("yes", async (path, restart) => {
    let before = "";
    await connected(path, async (connection) => {
      await append(connection, 1, 4);
      before = (await connection.read!(CHANNEL, ALL)).epoch;
    });
    await restart();
    await connected(path, async (connection) => {
      await append(connection, 5, 6);
      const { epoch, top, messages } = await connection.read!(CHANNEL, ALL);
      assert.deepEqual([epoch, top, messages.length], [before, 6, 6]);
    });
  });
});

test("a user who may not ask for the run reads and appends nevertheless", { skip }, async () => {
  await withRedis("no", async (path) => {
    await connected(path, async (_, client) => {
      await client.call("ACL", "SETUSER", "default", "-info");
      await connected(path, async (connection) => {
        await append(connection, 1, 2);
        assert.equal((await connection.read!(CHANNEL, ALL)).top, 2);
      });
    });
  });
});
