/**
 * A server in the primary process of a cluster, and one in a worker: each publishes text and bytes, and
 * prints what it has heard of the other.
 *
 * @module
 */

import { cluster, relay } from "@isosocket/isosocket/cluster";
import { Buffer } from "node:buffer";
import nodeCluster from "node:cluster";
import process from "node:process";
import { received, until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { Servers } from "../servers.ts";

const { hub, subscriber } = new Servers().serve({ broker: cluster() });
const name = nodeCluster.isPrimary ? "primary" : "worker";
const other = nodeCluster.isPrimary ? "worker" : "primary";

if (nodeCluster.isPrimary) {
  nodeCluster.setupPrimary({ serialization: process.argv[2] as "json" | "advanced" });
  relay();
  nodeCluster.fork();
}
const it = await subscriber("news");
const heard = (): string[] =>
  received(it).map((data) =>
    typeof data === "string" ? data : `bytes ${Buffer.from(data as ArrayBuffer)}`
  );
const both = [`of the ${other}`, `bytes of the ${other}`];
const publishing = setInterval(() => {
  hub.publish("news", `of the ${name}`);
  hub.publish("news", new TextEncoder().encode(`of the ${name}`));
}, 50);
await until(() => both.every((text) => heard().includes(text)), both.join(), 20_000);
console.log(`${name} hears the ${other}`);
if (nodeCluster.isPrimary) {
  const [worker] = Object.values(nodeCluster.workers!);
  await new Promise((resolve) => worker!.once("message", resolve).send("end"));
  clearInterval(publishing);
  worker!.process.kill("SIGKILL");
  process.exit(0);
} else {
  process.on("message", (message) => message === "end" && process.send!("heard"));
}
