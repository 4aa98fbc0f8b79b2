/** Tries the rules of brokers on a harness. @module */

import process from "node:process";
import { test } from "node:test";
import { isInShare } from "../../scripts/run/sample.mjs";
import {
  appliesTo,
  type BrokerEngine,
  type BrokerHarness,
  type BrokerRule,
  brokerRules,
} from "../../src/testing/contract/broker/mod.ts";
import { deviations } from "./deviations.ts";

/**
 * What is tried where a client is not tried in full: a message, its bytes, and a broker that dies. Of
 * these, a share that follows from the seed.
 */
const SAMPLE: readonly string[] = [
  "what a server publishes reaches the subscribers of all servers with the same broker, once",
  "text, bytes, Blobs and empty messages arrive elsewhere as they were published",
  "each message that is published while a broker dies and comes back arrives or counts as lost",
  "text, bytes, Blobs and empty messages are kept as they were published",
  "a client that comes back to any server gets what it has missed, once and in order",
  "a broker that dies under load loses nothing that was acknowledged, or clients are told",
];

function isSampled({ name }: BrokerHarness, title: string): boolean {
  return SAMPLE.includes(title) && isInShare(`${name} ${title}`, 0, 2);
}

/** Maximum time for one rule, in milliseconds. */
const LIMIT = 45_000;

/** Tries one rule. Resolves with what it threw, if anything. */
async function outcome(run: Promise<void>): Promise<{ error: unknown } | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot go on: it takes over ${LIMIT} ms`)), LIMIT);
  });
  try {
    await Promise.race([run, late]);
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** Ends an engine after its rule, even if servers of the rule are still there. */
async function tryOn(harness: BrokerHarness, rule: BrokerRule): Promise<void> {
  const engine = await harness.start();
  try {
    await rule.try(engine, harness);
  } finally {
    await engine.end();
  }
}

/**
 * Tries the rules on a harness, those that wait for something at the same time.
 *
 * @param isInFull Whether all rules are tried, and not a sample. `ISOSOCKET_BROKERS=all` tries all.
 * @param skip Why nothing is tried, or `false`.
 */
export function tryRules(harness: BrokerHarness, isInFull: boolean, skip: string | false): void {
  const all = isInFull || process.env.ISOSOCKET_BROKERS === "all";
  const chosen = Object.entries(brokerRules)
    .filter(([title, rule]) => appliesTo(rule, harness) && (all || isSampled(harness, title)));
  let shared: Promise<BrokerEngine> | undefined;
  let waiting: Map<BrokerRule, Promise<{ error: unknown } | undefined>> | undefined;
  const tried = async (rule: BrokerRule): Promise<{ error: unknown } | undefined> => {
    if (rule.needs === undefined || rule.needs === "limit") {
      const engine = await (shared ??= harness.start());
      return await outcome(rule.try(engine, harness));
    }
    waiting ??= new Map(
      chosen.map(([, it]) => it).filter(({ needs }) => needs !== undefined && needs !== "limit")
        .map((it) => [it, outcome(tryOn(harness, it))]),
    );
    return await waiting.get(rule)!;
  };
  for (const [title, rule] of chosen) {
    const reason = deviations[harness.name]?.[title];
    const suffix = reason === undefined ? "" : " (deviates)";
    test(`broker ${harness.name}: ${title}${suffix}`, { skip }, async () => {
      const thrown = await tried(rule);
      if (reason === undefined && thrown !== undefined) throw thrown.error;
      if (reason !== undefined && thrown === undefined) {
        throw new Error(`Cannot call it a deviation: the rule is kept, so delete "${reason}"`);
      }
    });
  }
  test(
    `broker ${harness.name}: the engine ends`,
    { skip },
    async () => await (await shared)?.end(),
  );
}
