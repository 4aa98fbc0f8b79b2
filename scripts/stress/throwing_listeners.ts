/** Listeners that throw, in every event and in every way, on thousands of sockets. @module */

import { setTimeout as wait } from "node:timers/promises";
import { TEXT } from "./frames.ts";
import { attacked, type Subject } from "./subject.ts";
import { figure, type Scenario, type Trial } from "./trial.ts";
import { type ConnectionEnd, LoadClient } from "./load_client.ts";

const EACH = 250;
/** Number of sockets whose connections are backlogged: each takes megabytes. */
const BACKLOGGED = 20;
const BYSTANDERS = 50;
const TOGETHER = 50;

/** Actions of a client that cause an event, and the end that it expects. */
interface Provoked {
  readonly code: number;
  provoke(client: LoadClient): void | Promise<unknown>;
}

const EVENTS: Readonly<Record<string, Provoked>> = {
  open: { code: 1011, provoke: () => {} },
  message: { code: 1011, provoke: (client) => client.send(TEXT, "now") },
  error: { code: 1011, provoke: (client) => client.send(TEXT, "now") },
  close: { code: 1000, provoke: (client) => client.close() },
  drain: {
    code: 1011,
    async provoke(client) {
      client.stream.pause();
      client.send(TEXT, "much");
      await wait(50); // until the connection is backlogged
      client.stream.resume();
    },
  },
};

const HOW = ["attribute", "async", "later"];

/** A client of other sockets, which must not be affected. */
class Bystander {
  sent = 0;
  back = 0;
  readonly #client: LoadClient;
  #over = false;

  constructor(client: LoadClient) {
    this.#client = client;
    client.onmessage = (payload) => {
      if (payload.toString() === `${this.sent}`) this.back++;
      if (!this.#over) this.next();
    };
  }

  next(): void {
    this.#client.send(TEXT, `${++this.sent}`);
  }

  async stop(): Promise<void> {
    this.#over = true;
    while (this.back < this.sent && !this.#client.over) await wait(1);
    await this.#client.close();
  }
}

async function provoked(trial: Trial, subject: Subject): Promise<void> {
  const bystanders = (await LoadClient.open(BYSTANDERS, subject)).map((client) =>
    new Bystander(client)
  );
  for (const it of bystanders) it.next();
  let sockets = 0;
  for (const [event, { code, provoke }] of Object.entries(EVENTS)) {
    const ends = new Map<ConnectionEnd["code"], number>();
    let made = 0;
    const count = event === "drain" ? BACKLOGGED : trial.count(EACH);
    const goOn = async (): Promise<void> => {
      while (made < count * HOW.length) {
        const path = `/${event}/${HOW[made++ % HOW.length]}`;
        trial.progress(`${path}, ${made}`);
        const client = new LoadClient({ port: subject.port, path });
        await client.opened;
        await provoke(client);
        const { code } = await client.gone();
        ends.set(code, (ends.get(code) ?? 0) + 1);
      }
    };
    const together = event === "drain" ? 5 : TOGETHER;
    await Promise.all(Array.from({ length: together }, goOn));
    sockets += made;
    trial.found(
      `${event}: what the peers of ${figure(made)} sockets are told`,
      `${code}`,
      [...ends].map(([code, times]) => `${code} × ${times}`).join(", "),
      ends.get(code) === made,
    );
  }
  await Promise.all(bystanders.map((it) => it.stop()));
  await subject.left(2);
  const { thrown } = await subject.ask<{ thrown: number }>({ thrown: true });
  const { errors } = await subject.report();
  trial.foundEqual(`errors told to onError, of ${figure(sockets)} sockets`, thrown, errors.count);
  const sum = (of: "sent" | "back"): number => bystanders.reduce((sum, it) => sum + it[of], 0);
  trial.foundEqual("messages that came back to bystanders", sum("sent"), sum("back"));
}

export const throwingListeners: Scenario = {
  about: "3,000 sockets whose listeners throw or reject",
  connections: TOGETHER + BYSTANDERS,

  run: (trial) =>
    attacked(
      trial,
      { file: "throwing.ts", expectsErrors: true },
      (subject) => provoked(trial, subject),
    ),
};
