/**
 * A cluster of two workers that are present at each other's servers and at that of the primary process;
 * one of them is killed. It prints for how long it was still present, in milliseconds.
 *
 * @module
 */

import nodeCluster, { type Worker } from "node:cluster";
import process from "node:process";
import { cluster, relay } from "@isosocket/isosocket/cluster";
import { presence } from "@isosocket/isosocket/presence";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { Servers } from "../servers.ts";

/** Time that processes may take to start on a machine that is busy, in milliseconds. */
const STARTING = 50_000;

const people = presence();
const { subscriber } = new Servers().serve({ broker: cluster(), presence: people });
const keys = (): string => people.list("room").map(({ key }) => key).sort().join();

if (nodeCluster.isPrimary) {
  nodeCluster.setupPrimary({ serialization: "advanced" });
  relay();
  const workers: Worker[] = ["Ann", "Bob"].map((NAME) => nodeCluster.fork({ NAME }));
  await until(() => keys() === "Ann,Bob", "both members", STARTING);
  workers[0]!.process.kill("SIGKILL");
  const killed = performance.now();
  await until(() => keys() === "Bob", "the end of one", STARTING);
  console.log(Math.round(performance.now() - killed));
  workers[1]!.process.kill("SIGKILL"); // a worker of Deno may not notice that this process ends
  process.exit(0);
} else {
  const { socket } = await subscriber();
  people.join(socket, "room", process.env.NAME!);
  process.on("disconnect", () => process.exit(0)); // as the primary process has ended
}
