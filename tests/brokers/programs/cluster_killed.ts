/**
 * A cluster of two workers that publish to each other, of which one is killed; then the primary
 * process has a server, too, and hears the one that is left.
 *
 * @module
 */

import nodeCluster, { type Worker } from "node:cluster";
import process from "node:process";
import { cluster, relay } from "@isosocket/isosocket/cluster";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { Servers } from "../servers.ts";

/** Time that processes may take to start on a machine that is busy, in milliseconds. */
const STARTING = 50_000;

const servers = new Servers();
const { hub, subscriber } = servers.serve({ broker: cluster() });

if (nodeCluster.isPrimary) {
  relay();
  const workers: Worker[] = [1, 2].map((id) => nodeCluster.fork({ ID: `${id}` }));
  const { messages } = await subscriber("news");
  const from = (id: number, since = 0): boolean => messages.slice(since).includes(`from ${id}`);
  await until(() => from(1) && from(2), "a message from each worker", STARTING);
  workers[0]!.process.kill("SIGKILL");
  await until(() => workers[0]!.isDead(), "the end of the worker");
  const since = messages.length;
  await until(() => from(2, since), "messages of the other");
  if (!hub.stats().broker!.up) throw new Error("Cannot go on: it is down");
  console.log("the other goes on");
  workers[1]!.process.kill("SIGKILL"); // a worker of Deno may not notice that this process ends
  process.exit(0);
} else {
  const { messages } = await subscriber("news");
  setInterval(() => hub.publish("news", `from ${process.env.ID}`), 5);
  process.on("disconnect", () => process.exit(0)); // as the primary process has ended
  await until(() => messages.length > 0, "its own message");
}
