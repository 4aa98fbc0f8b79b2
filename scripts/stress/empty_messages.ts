/** A million empty messages. @module */

import { Buffer } from "node:buffer";
import { BINARY, frame, TEXT } from "./frames.ts";
import { attacked } from "./subject.ts";
import { mebibytes, type Scenario } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

const MESSAGES = 1_000_000;
const CONNECTIONS = 50;
/** Number of messages that are written at a time. */
const BATCH = 1000;
/** Maximum number of messages that a connection has in flight. */
const WINDOW = 10 * BATCH;
const SLACK = 128 * 1024 * 1024;

const batch = Buffer.concat(
  Array.from({ length: BATCH }, (_, i) => frame(i % 2 === 0 ? TEXT : BINARY)),
);

/** Sends messages over one connection. Resolves with the number of correct echoes. */
async function echo(client: LoadClient, count: number): Promise<number> {
  let back = 0;
  let wake: (() => void) | undefined;
  client.onmessage = (payload, opcode) => {
    if (payload.length === 0 && opcode === (back % 2 === 0 ? TEXT : BINARY)) back++;
    wake?.();
  };
  const ended = (): void => wake?.();
  client.ended.then(ended, ended);
  for (let sent = 0; sent < count && !client.over; sent += BATCH) {
    while (sent - back >= WINDOW && !client.over) {
      await new Promise<void>((resolve) => wake = resolve);
    }
    client.write(batch);
  }
  while (back < count && !client.over) await new Promise<void>((resolve) => wake = resolve);
  return back;
}

export const emptyMessages: Scenario = {
  about: "1,000,000 empty messages",
  connections: CONNECTIONS,

  run: (trial) =>
    attacked(trial, {}, async (subject) => {
      const clients = await LoadClient.open(CONNECTIONS, subject);
      const each = trial.count(MESSAGES) / CONNECTIONS;
      const before = await subject.settled();
      using memory = subject.watch();
      const back = await Promise.all(clients.map((client) => echo(client, each)));
      const sum = back.reduce((sum, it) => sum + it, 0);
      trial.foundEqual("empty messages that came back", each * CONNECTIONS, sum);
      const most = before + SLACK;
      trial.found(
        "memory at its peak",
        `≤ ${mebibytes(most)}`,
        mebibytes(memory.peak()),
        memory.peak() <= most,
      );
      await Promise.all(clients.map((client) => client.close()));
    }),
};
