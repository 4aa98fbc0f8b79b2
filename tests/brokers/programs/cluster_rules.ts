/**
 * A cluster of one worker, which tries the rules: all that its servers say to each other goes to the
 * primary process and back.
 *
 * @module
 */

import nodeCluster from "node:cluster";
import process from "node:process";
import { cluster, relay } from "@isosocket/isosocket/cluster";
import type { BrokerEngine, BrokerHarness } from "../../../src/testing/contract/broker/mod.ts";
import { appliesTo, brokerRules } from "../../../src/testing/contract/broker/mod.ts";
import { Servers } from "../servers.ts";

const [, , serialization = "json", ...titles] = process.argv;

function engine(): BrokerEngine {
  const servers = new Servers();
  return {
    broker: (prefix) => cluster({ prefix }),
    serve: servers.serve,
    connections: () => Promise.resolve(nodeCluster.worker!.listenerCount("message")),
    stall: () => void process.kill(process.ppid, "SIGSTOP"),
    resume: () => void process.kill(process.ppid, "SIGCONT"),
    end: () => servers.close(),
  };
}

const harness: BrokerHarness = {
  name: "cluster",
  faults: ["stall"],
  keepsHistory: true,
  start: () => Promise.resolve(engine()),
};

if (nodeCluster.isPrimary) {
  nodeCluster.setupPrimary({ serialization: serialization as "json" | "advanced" });
  relay();
  nodeCluster.fork();
  nodeCluster.on("exit", (_worker, code) => process.exit(code));
} else {
  for (const [title, rule] of Object.entries(brokerRules)) {
    if (!appliesTo(rule, harness) || (titles.length > 0 && !titles.includes(title))) continue;
    const it = await harness.start();
    try {
      await rule.try(it, harness);
      console.log(JSON.stringify({ title, outcome: "kept" }));
    } catch (error) {
      console.log(JSON.stringify({ title, outcome: "broken", detail: (error as Error).stack }));
    }
    await it.end();
  }
  process.exit(0);
}
