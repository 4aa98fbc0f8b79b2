// The rules of brokers, on PostgreSQL, by each client of this runtime.

import { after } from "node:test";
import sql from "postgres";
import type { PostgresSource } from "@isosocket/isosocket/postgres";
import { runtime } from "../runtime.ts";
import { skipWithout } from "./engine_process.ts";
import { POSTGRES, removeTemplate, startPostgres } from "./postgres_server.ts";
import { tryRules } from "./try_rules.ts";

const { default: { Client } } = await import("pg" as string); // it has no types of its own

after(removeTemplate);

/** What is given to `postgres()`, by name. */
const sources: Record<string, (url: string) => PostgresSource> = {
  "pg": (url) => () => new Client(url),
  "postgres": (url) => () => sql(url, { onnotice() {} }),
  "postgres, a URL": (url) => url,
};
if (runtime === "bun") {
  const { SQL } = await import("bun" as string);
  sources["Bun's SQL"] = (url) => () => new SQL(url);
}

/** The client that is tried in full on each runtime. */
const IN_FULL: Readonly<Record<string, string>> = {
  "node 24": "pg",
  deno: "postgres",
  bun: "Bun's SQL",
};

for (const [name, sourceOf] of Object.entries(sources)) {
  tryRules(
    {
      name: `${runtime} ${name}`,
      faults: ["restart", "stall", "cut", "password"],
      start: () => startPostgres(sourceOf),
    },
    IN_FULL[runtime] === name,
    skipWithout(POSTGRES),
  );
}
