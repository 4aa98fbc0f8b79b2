/** Clients that never read, while others receive everything. @module */

import type { Buffer } from "node:buffer";
import type { Flood, Flooded } from "./servers/flooding.ts";
import { attacked, type Subject } from "./subject.ts";
import { mebibytes, type Scenario, type Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const NEVER_READING = 1000;
const READERS = 10;
const SIZE = 16 * 1024;
const MAX_BUFFERED = 256 * 1024;
/** Bytes of memory for each waiting byte: buffers grow in steps, and a million errors are thrown. */
const STEPS = 2;
/** Bytes that a process may grow by itself, besides those that wait for its sockets. */
const SLACK = 128 * 1024 * 1024;
/** The system buffers some megabytes for each connection; what exceeds them waits in the server. */
const MESSAGES = 1500;

/** Numbered messages that a client receives. */
class Numbers {
  readonly client: LoadClient;
  count = 0;
  last = -1;
  /** Number of messages that were wrong, or out of order. */
  wrong = 0;

  constructor(client: LoadClient) {
    this.client = client;
    client.onmessage = (payload: Buffer) => {
      const number = payload.readUInt32BE();
      if (number <= this.last || payload.length !== SIZE) this.wrong++;
      this.last = number;
      this.count++;
    };
  }
}

/** Waits until no more messages arrive: Bun drops unread data 4 s after the peer's Close. */
async function allRead(clients: readonly Numbers[]): Promise<void> {
  const sum = (): number => clients.reduce((sum, { count }) => sum + count, 0);
  for (let before = -1, now = sum(); now !== before;) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = sum();
  }
}

async function flooded(
  trial: Trial,
  subject: Subject,
  how: Flood["how"],
  overflow: string,
): Promise<void> {
  const name = `${how}, ${overflow}`;
  const clients = async (count: number, path: string): Promise<Numbers[]> =>
    (await LoadClient.open(count, { port: subject.port, path })).map((client) =>
      new Numbers(client)
    );
  trial.progress(`${name}: opening`);
  const unread = await clients(trial.count(NEVER_READING), "/unread");
  for (const { client } of unread) client.stream.pause();
  const readers = await clients(READERS, "/reader");
  const before = await subject.settled();
  using memory = subject.watch();
  trial.progress(`${name}: flooding`);
  const flood: Flood = { how, size: SIZE, messages: MESSAGES, time: trial.time(40, 40) };
  const { messages, waited } = await subject.ask<Flooded>(flood);
  const { stats } = await subject.report();
  const most = before + unread.length * (MAX_BUFFERED + SIZE) * STEPS + SLACK;
  trial.found(
    `${name}: memory at its peak, when all overflow`,
    `≤ ${mebibytes(most)}`,
    `${mebibytes(memory.peak())}, ${mebibytes(before)} before; ${messages} messages, ` +
      `${stats.dropped} dropped, ${waited} waited`,
    memory.peak() <= most && stats.dropped + waited >= unread.length,
  );
  trial.progress(`${name}: reading`);
  for (const { client } of unread) client.stream.resume();
  const all = [...readers, ...unread];
  if (overflow === "close") await Promise.all(unread.map(({ client }) => client.gone()));
  const got = Math.min(
    ...await Promise.all(readers.map(async (it) => {
      const end = performance.now() + 10_000;
      while (it.count < messages && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return it.count;
    })),
  );
  await allRead(all);
  const wrong = all.reduce((sum, it) => sum + it.wrong, 0);
  trial.found(
    `${name}: messages at each of those that read`,
    `= ${messages}, in order`,
    `${got}, ${wrong} out of order`,
    got === messages && wrong === 0,
  );
  const ends = await Promise.all(
    all.map(({ client }) => client.over ? client.gone() : client.close()),
  );
  const outcomes = new Map<string, number>();
  for (const { code, error = "no Close frame" } of ends.slice(readers.length)) {
    const what = `${code ?? error}`;
    outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  }
  const wanted = overflow === "close" ? "1013" : "1000";
  trial.found(
    `${name}: what those that did not read are told`,
    wanted,
    [...outcomes].map(([what, times]) => `${what} × ${times}`).join(", "),
    outcomes.size === 1 && outcomes.has(wanted),
  );
}

export const slowReaders: Scenario = {
  about: "1,000 clients that never read, while a publisher floods",
  connections: NEVER_READING + READERS,

  async run(trial) {
    for (const overflow of ["drop", "wait", "close"]) {
      for (const how of ["publish", "send"] as const) {
        const options = { maxBuffered: MAX_BUFFERED, overflow };
        await attacked(
          trial,
          { file: "flooding.ts", options, name: `${how}, ${overflow}` },
          (subject) => flooded(trial, subject, how, overflow),
        );
      }
    }
  },
};
