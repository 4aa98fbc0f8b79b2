/** Many idle connections, beside some that send without pause. @module */

import type { Memory } from "./memory.ts";
import { TEXT } from "./frames.ts";
import { attacked } from "./subject.ts";
import { figure, mebibytes, type Scenario } from "./trial.ts";
import { LoadClient, OPENING } from "./load_client.ts";

const IDLE = 10_000;
const BUSY = 200;
/** Maximum growth of the memory after the warm-up, which allocators cause. */
const FLAT = 1.05;
const SLACK = 4 * 1024 * 1024;

/** A connection that always has one message in flight. */
class Busy {
  readonly client: LoadClient;
  sent = 0;
  echoed = 0;
  wrong = 0;
  #stopped: (() => void) | undefined;

  constructor(client: LoadClient) {
    this.client = client;
    client.onmessage = (payload) => {
      if (payload.toString() !== `message ${this.sent}`) this.wrong++;
      this.echoed++;
      if (this.#stopped !== undefined) this.#stopped();
      else this.next();
    };
  }

  next(): void {
    this.client.send(TEXT, `message ${++this.sent}`);
  }

  /** Stops sending, and waits for the message in flight. */
  stop(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stopped = resolve;
      this.client.ended.then(() => resolve(), reject);
    });
  }
}

/** Returns the memory over time: at most twelve figures, each of at least a minute in a long run. */
function course({ samples }: Memory): string {
  const total = samples.at(-1)!.at;
  const step = total > 300_000 ? 60_000 : total / 6;
  const seen: string[] = [];
  for (const { at, rss } of samples) {
    if (at >= seen.length * step) seen.push(`${figure(at / 1000)} s ${mebibytes(rss)}`);
  }
  return seen.join(", ");
}

/** Resolves with whether a connection still echoes, and closes it. */
async function parts(client: LoadClient): Promise<boolean> {
  const answers = await new Promise<boolean>((resolve, reject) => {
    client.onmessage = (payload) => resolve(payload.toString() === "still there?");
    client.ended.then(() => resolve(false), reject);
    client.send(TEXT, "still there?");
  });
  await client.close();
  return answers;
}

/** Closes all connections, some at a time. Resolves with the number of those that still echoed. */
async function partAll(clients: readonly LoadClient[]): Promise<number> {
  let count = 0;
  for (let at = 0; at < clients.length; at += OPENING) {
    const some = await Promise.all(clients.slice(at, at + OPENING).map(parts));
    count += some.filter((it) => it).length;
  }
  return count;
}

export const idleAndBusy: Scenario = {
  about: "10,000 idle and 200 busy connections: every message accounted for, flat memory",
  connections: IDLE + BUSY,

  run: (trial) =>
    attacked(trial, { options: { heartbeat: 0, idleTimeout: 0 } }, async (subject) => {
      const count = trial.count(IDLE);
      trial.progress(`opening ${count} idle connections`);
      const idle = await LoadClient.open(count, subject);
      const busy = (await LoadClient.open(trial.count(BUSY), subject)).map((client) =>
        new Busy(client)
      );
      const time = trial.time(60, 6);
      for (const it of busy) it.next();
      const pause = (share: number): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, time * share));
      trial.progress("warming up");
      await pause(1 / 3);
      const warm = await subject.settled();
      using memory = subject.watch();
      trial.progress("at work");
      await pause(2 / 3);
      await Promise.all(busy.map((it) => it.stop()));
      const end = await subject.settled();

      const sum = (of: (it: Busy) => number): number => busy.reduce((sum, it) => sum + of(it), 0);
      const echoed = sum((it) => it.echoed);
      trial.foundEqual("messages that came back", sum((it) => it.sent), echoed);
      trial.foundEqual("messages that came back wrong, or out of order", 0, sum((it) => it.wrong));
      const clients = [...idle, ...busy.map(({ client }) => client)];
      trial.foundEqual(
        "connections that answer at the end",
        clients.length,
        await partAll(clients),
      );
      const most = Math.max(warm * FLAT, warm + SLACK);
      trial.found(
        "memory after collection of garbage, after warm-up and at the end",
        `≤ ${mebibytes(most)}`,
        `${mebibytes(warm)} → ${mebibytes(end)}; at work: ${course(memory)}`,
        end <= most,
      );
    }),
};
