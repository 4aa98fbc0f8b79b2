/** Messages in very many fragments of one byte, or of none, that never end (RFC 6455, 10.4). @module */

import { Buffer } from "node:buffer";
import { frame, MORE, PING, TEXT } from "./frames.ts";
import { attacked, type Subject } from "./subject.ts";
import { mebibytes, type Scenario, type Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const CONNECTIONS = 20;
/** Number of fragments that are written at a time, if nothing stands between them. */
const BATCH = 1000;

/** Bytes of a connection: the start of a message, and a batch of fragments a number of times. */
interface Flood {
  readonly first: Buffer;
  readonly batch: Buffer;
  readonly times: number;
}

const fragment = frame(MORE, "x", MORE);
const nothing = frame(MORE, "", MORE);

const FLOODS: Readonly<Record<string, Flood>> = {
  "1,000,000 of one byte": {
    first: frame(TEXT, "x", TEXT),
    batch: Buffer.concat(Array.from({ length: BATCH }, () => fragment)),
    times: 1000,
  },
  "1,000,000 of none": {
    first: frame(TEXT, "", TEXT),
    batch: Buffer.concat(Array.from({ length: BATCH }, () => nothing)),
    times: 1000,
  },
  // A server that keeps the whole TCP chunk for one byte of it keeps 64 KiB.
  "1,500 of one byte, among pings": {
    first: frame(TEXT, "x", TEXT),
    batch: Buffer.concat([
      fragment,
      ...Array.from({ length: 500 }, () => frame(PING, "p".repeat(125))),
    ]),
    times: 1500,
  },
};

const MAX_PAYLOAD = 1024 * 1024;
/** Maximum number of bytes that a connection may take: for its message, and for joining it. */
const EACH = 3 * MAX_PAYLOAD;
/** Number of bytes that a process may grow by itself. */
const SLACK = 64 * 1024 * 1024;
/** Milliseconds that a server has to end a connection that exceeds its limits. */
const PATIENCE = 2000;

/** Sends fragments until the server ends the connection. Resolves with the end of the connection. */
async function send(client: LoadClient, { first, batch, times }: Flood): Promise<string> {
  client.write(first);
  for (let sent = 0; sent < times && !client.over; sent++) {
    client.write(batch);
    await Promise.race([client.drained(), client.ended]);
  }
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE);
  });
  const end = await Promise.race([client.ended, late]);
  if (end === undefined) return "all taken";
  return end.code === undefined ? "dropped" : `${end.code}`;
}

async function fragmented(trial: Trial, subject: Subject, name: string): Promise<void> {
  const flood = FLOODS[name]!;
  const clients = await LoadClient.open(trial.count(CONNECTIONS), subject);
  const before = await subject.settled();
  using memory = subject.watch();
  const ends = await Promise.all(clients.map((client) => send(client, flood)));
  const most = before + clients.length * EACH + SLACK;
  const each = Math.max(0, memory.peak() - before) / clients.length;
  const counts = Map.groupBy(ends, (end) => end);
  const words = [...counts].map(([end, all]) => `${end} × ${all.length}`).join(", ");
  trial.found(
    `${name}: memory at its peak`,
    `≤ ${mebibytes(most)}, of which ${mebibytes(EACH)} for a connection`,
    `${mebibytes(memory.peak())}, ${mebibytes(each)} for a connection; ${words}`,
    memory.peak() <= most,
  );
  for (const client of clients) client.reset();
}

export const fragments: Scenario = {
  about: "very many fragments of one byte, or of none, of a message that never ends",
  connections: CONNECTIONS,

  async run(trial) {
    const options = { maxPayload: MAX_PAYLOAD };
    for (const name of Object.keys(FLOODS)) {
      await attacked(trial, { name, options }, (subject) => fragmented(trial, subject, name));
    }
  },
};
