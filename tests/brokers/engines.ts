/** An engine of each kind, by one client, for tests that try more than a rule. @module */

import { connect } from "@nats-io/transport-node";
import { Redis } from "ioredis";
import process from "node:process";
import type { Broker } from "@isosocket/isosocket";
import { nats } from "@isosocket/isosocket/nats";
import { postgres } from "@isosocket/isosocket/postgres";
import { redis } from "@isosocket/isosocket/redis";
import { isInShare } from "../../scripts/run/sample.mjs";
import type { BrokerEngine } from "../../src/testing/contract/broker/mod.ts";
import { runtime } from "../runtime.ts";
import { skipWithout } from "./engine_process.ts";
import { NATS_SERVER, startNats } from "./nats_server.ts";
import { POSTGRES, startPostgres } from "./postgres_server.ts";
import { REDIS_SERVER, startRedis } from "./redis_server.ts";

/** A running engine that other processes can reach. */
export interface ReachableEngine extends BrokerEngine {
  /** Where it is. */
  readonly url: string;
}

/** A kind of engine. */
export interface EngineKind {
  /** Why it is skipped, or `false`. */
  readonly skip: string | false;
  /** Starts one. */
  start(): Promise<ReachableEngine>;
}

/** Adds the URL that a client was made for. */
async function reachable(
  start: (note: (url: string | URL) => void) => Promise<BrokerEngine>,
): Promise<ReachableEngine> {
  let url = "";
  const engine = await start((it) => url = String(it));
  return { ...engine, url };
}

const { default: { Client } } = await import("pg" as string); // it has no types of its own

/** All kinds, by name. */
export const engines: Readonly<Record<string, EngineKind>> = {
  redis: {
    skip: skipWithout(REDIS_SERVER),
    start: () =>
      reachable((note) =>
        startRedis((url) => {
          note(url);
          return { client: new Redis(url, { lazyConnect: true }) };
        })
      ),
  },
  nats: {
    skip: skipWithout(NATS_SERVER),
    start: () =>
      reachable((note) =>
        startNats((url) => {
          note(url);
          const options = { servers: url.host, user: url.username, pass: url.password };
          return { source: () => connect(options) };
        })
      ),
  },
  postgres: {
    skip: skipWithout(POSTGRES),
    start: () =>
      reachable((note) =>
        startPostgres((url) => {
          note(url);
          return () => new Client(url);
        })
      ),
  },
};

/** Makes a broker of a URL, by the client that is found first. */
export function brokerOf(url: string, prefix: string): Broker {
  if (url.startsWith("redis:")) return redis(url, { prefix });
  return url.startsWith("nats:") ? nats(url, { prefix }) : postgres(url, { prefix });
}

/** Whether all is asked for. */
const ALL = process.env.ISOSOCKET_BROKERS === "all";

/**
 * Returns the kinds, of which one is not skipped: it follows from the seed.
 *
 * @param name Name of the test.
 * @param runtimes Runtimes that try it: elsewhere it is skipped.
 */
export function sampled(name: string, runtimes: readonly string[]): [string, EngineKind][] {
  const all = Object.entries(engines);
  return all.map(([engine, kind], at) => {
    if (ALL) return [engine, kind];
    const isChosen = isInShare(`${name} ${runtime}`, at, all.length);
    const skip = !runtimes.includes(runtime)
      ? `it is tried on ${runtimes.join(", ")}`
      : !isChosen && "another engine is tried with this seed";
    return [engine, { ...kind, skip: skip || kind.skip }];
  });
}

/** Runtimes of which each differs from the others. */
export const EACH: readonly string[] = ["node 24", "deno", "bun"];
