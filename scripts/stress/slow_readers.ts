/** Clients that never read, while others are sent all that there is. @module */

import type { Buffer } from "node:buffer";
import type { Flood, Flooded } from "./servers/flooding.ts";
import { attacked, type Subject } from "./subject.ts";
import { mebibytes, type Scenario, type Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const DEAF = 1000;
const READERS = 10;
const SIZE = 16 * 1024;
const MAX_BUFFERED = 256 * 1024;
/** Memory for a byte that waits: buffers grow in steps, and a million errors tell to wait. */
const STEPS = 2;
/** What a process may grow by itself, beside what waits for its sockets. */
const SLACK = 128 * 1024 * 1024;
/** The system keeps some megabytes for each connection; then it is the server's turn to keep. */
const MESSAGES = 1500;

/** What one client was sent: numbers, in their order. */
class Numbers {
  readonly client: LoadClient;
  count = 0;
  last = -1;
  /** The order was another, or the message. */
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

/** Waits until nothing comes any more: Bun drops what is not read 4 s after its peer's Close. */
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
  const deaf = await clients(trial.count(DEAF), "/deaf");
  for (const { client } of deaf) client.stream.pause();
  const readers = await clients(READERS, "/reader");
  const before = await subject.settled();
  using memory = subject.watch();
  trial.progress(`${name}: flooding`);
  const flood: Flood = { how, size: SIZE, messages: MESSAGES, time: trial.time(40, 40) };
  const { messages, waited } = await subject.ask<Flooded>(flood);
  const { stats } = await subject.report();
  const most = before + deaf.length * (MAX_BUFFERED + SIZE) * STEPS + SLACK;
  trial.found(
    `${name}: memory at its peak, when all overflow`,
    `≤ ${mebibytes(most)}`,
    `${mebibytes(memory.peak())}, ${mebibytes(before)} before; ${messages} messages, ` +
      `${stats.dropped} dropped, ${waited} waited`,
    memory.peak() <= most && stats.dropped + waited >= deaf.length,
  );
  trial.progress(`${name}: reading`);
  for (const { client } of deaf) client.stream.resume();
  const all = [...readers, ...deaf];
  if (overflow === "close") await Promise.all(deaf.map(({ client }) => client.gone()));
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
  const told = new Map<string, number>();
  for (const { code, error = "no Close frame" } of ends.slice(readers.length)) {
    const what = `${code ?? error}`;
    told.set(what, (told.get(what) ?? 0) + 1);
  }
  const wanted = overflow === "close" ? "1013" : "1000";
  trial.found(
    `${name}: what those that did not read are told`,
    wanted,
    [...told].map(([what, times]) => `${what} × ${times}`).join(", "),
    told.size === 1 && told.has(wanted),
  );
}

export const slowReaders: Scenario = {
  about: "1,000 clients that never read, while a publisher floods",
  connections: DEAF + READERS,

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
