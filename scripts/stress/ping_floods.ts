/** Floods of Pings, from clients that read the Pongs, and from clients that never read. @module */

import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { frame, PING } from "./frames.ts";
import { attacked, type Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const READING = 50;
const NEVER_READING = 20;
/** Number of Pings of each client that never reads: 38 MB, and as much in Pongs. */
const PINGS = 300_000;
/** Number of Pings that are written at a time: no more than Node reads without yielding to others. */
const BATCH = 50;
/** Default of `maxBuffered`, for each connection. */
const MAX_BUFFERED = 16 * 1024 * 1024;
const SLACK = 64 * 1024 * 1024;

const batch = Buffer.concat(
  Array.from({ length: BATCH }, () => frame(PING, "p".repeat(125))),
);

/** Sends Pings that must all be answered. */
async function readingFlood(trial: Trial, subject: Subject): Promise<void> {
  const clients = await LoadClient.open(trial.count(READING), subject);
  const end = performance.now() + trial.time(20, 3);
  const counts = await Promise.all(clients.map(async (client) => {
    let sent = 0;
    let back = 0;
    let wake: (() => void) | undefined;
    client.onpong = (payload) => {
      if (payload.length === 125) back++;
      wake?.();
    };
    const ended = (): void => wake?.();
    client.ended.then(ended, ended);
    while (performance.now() < end && !client.over) {
      client.write(batch);
      sent += BATCH;
      await client.drained();
      await turn();
    }
    while (back < sent && !client.over) await new Promise<void>((resolve) => wake = resolve);
    return { sent, back };
  }));
  const sum = (of: "sent" | "back"): number => counts.reduce((sum, it) => sum + it[of], 0);
  trial.foundEqual("read: pongs for pings of 125 bytes", sum("sent"), sum("back"));
  await Promise.all(clients.map((client) => client.close()));
}

/** Sends Pings without reading the answers. */
async function unreadFlood(trial: Trial, subject: Subject): Promise<void> {
  const clients = await LoadClient.open(trial.count(NEVER_READING), subject);
  const before = await subject.settled();
  using memory = subject.watch();
  const end = performance.now() + trial.time(20, 5);
  const sent = await Promise.all(clients.map(async (client) => {
    client.stream.pause();
    let count = 0;
    while (count < PINGS && performance.now() < end && !client.over) {
      client.write(batch);
      count += BATCH;
      const left = end - performance.now();
      await Promise.race([client.drained(), new Promise((resolve) => setTimeout(resolve, left))]);
      await turn();
    }
    return count;
  }));
  const most = before + clients.length * MAX_BUFFERED + SLACK;
  trial.found(
    "not read: memory at its peak",
    `≤ ${mebibytes(most)}`,
    `${mebibytes(memory.peak())} after ${figure(sent.reduce((sum, it) => sum + it, 0))} pings`,
    memory.peak() <= most,
  );
  for (const client of clients) client.reset();
}

export const pingFloods: Scenario = {
  about: "floods of 125-byte pings, whether the pongs are read or not",
  connections: READING,

  async run(trial) {
    await attacked(trial, { name: "read" }, (subject) => readingFlood(trial, subject));
    await attacked(trial, { name: "not read" }, (subject) => unreadFlood(trial, subject));
  },
};
