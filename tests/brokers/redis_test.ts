// The rules of brokers, on redis-server, by each client of this runtime.

import { Redis } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createClient } from "redis";
import { runtime } from "../runtime.ts";
import { skipWithout } from "./engine_process.ts";
import { type GivenClient, REDIS_SERVER, startRedis } from "./redis_server.ts";
import { tryRules } from "./try_rules.ts";

/** Clients, by name. None of them is connected: servers have clients of their own. */
const clients: Record<string, (url: string) => GivenClient> = {
  ioredis: (url) => ({ client: new Redis(url, { lazyConnect: true }) }),
  iovalkey: (url) => ({ client: new Valkey(url, { lazyConnect: true }) }),
  redis: (url) => ({ client: createClient({ url }) }),
};
if (runtime === "bun") {
  const { RedisClient } = await import("bun" as string);
  clients["Bun's client"] = (url) => ({ client: new RedisClient(url) });
}

/** The client that is tried in full on each runtime. */
const IN_FULL: Readonly<Record<string, string>> = {
  "node 24": "ioredis",
  deno: "redis",
  bun: "Bun's client",
};

for (const [name, clientOf] of Object.entries(clients)) {
  tryRules(
    {
      name: `${runtime} ${name}`,
      faults: ["restart", "stall", "cut", "password", "forget"],
      keepsHistory: true,
      start: () => startRedis(clientOf),
    },
    IN_FULL[runtime] === name,
    skipWithout(REDIS_SERVER),
  );
}
