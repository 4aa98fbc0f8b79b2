/** Clients whose process is killed. @module */

import { Child } from "../processes/child.ts";
import { command } from "../processes/runtime.ts";
import type { Opening } from "./client.ts";
import type { ServerReport } from "./servers/attend.ts";
import { attacked, type Subject } from "./subject.ts";
import type { Scenario, Trial } from "./trial.ts";

const EACH = 500;
/** Milliseconds to wait: the system reports the end, so no heartbeat has to pass. */
const PROMPT = 1000;

async function killed(trial: Trial, subject: Subject): Promise<void> {
  await using client = new Child(command("node24", new URL("client.ts", import.meta.url)));
  await client.hear();
  const { port } = subject;
  let count = 0;
  for (const unfinished of [false, true]) {
    const opening: Opening = { port, count: trial.count(EACH), unfinished };
    count += await client.ask<number>(opening);
  }
  const before = (await subject.report()).stats.closed[1006] ?? 0;
  const lost = ({ stats }: ServerReport): number => (stats.closed[1006] ?? 0) - before;
  const began = performance.now();
  client.kill();
  const report = await subject.until((report) => lost(report) === count);
  const took = performance.now() - began;
  trial.foundAtMost(`${count} connections of a killed process are noticed`, PROMPT, took, " ms");
  trial.foundEqual("sockets that end with 1006", count, lost(report));
}

export const killedClients: Scenario = {
  about: "clients that are killed",
  connections: 2 * EACH,

  run: (trial) => attacked(trial, {}, (subject) => killed(trial, subject)),
};
