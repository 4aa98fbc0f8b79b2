/** Clients that take for ever to say what they want. @module */

import { setTimeout as wait } from "node:timers/promises";
import { attacked } from "./subject.ts";
import { mebibytes, type Scenario } from "./trial.ts";
import { dial, OPENING, request } from "./wire.ts";

const CLIENTS = 1000;
/** What a connection that says nothing may cost, in bytes; and what a process may grow by itself. */
const EACH = 64 * 1024;
const SLACK = 32 * 1024 * 1024;

/** One client, and how far it is. */
class Slow {
  readonly #bytes: string;
  readonly #stream;
  #at = 0;
  /** Resolves with the status of the answer; 0 if there is none. */
  readonly answered: Promise<number>;

  constructor(port: number) {
    this.#bytes = request({ port });
    this.#stream = dial({ port });
    this.answered = new Promise((resolve) => {
      this.#stream.once("data", (data) => resolve(Number(data.toString("latin1").split(" ")[1])));
      this.#stream.once("close", () => resolve(0));
    });
  }

  connected(): Promise<unknown> {
    return new Promise((resolve) => this.#stream.once("connect", resolve));
  }

  /** Says one byte more; never the last. */
  step(): void {
    if (this.#at === this.#bytes.length - 1 || !this.#stream.writable) return;
    this.#stream.write(this.#bytes[this.#at++]!);
  }

  /** Says the rest. */
  finish(): Promise<number> {
    if (this.#stream.writable) this.#stream.write(this.#bytes.slice(this.#at));
    return this.answered;
  }

  drop(): void {
    this.#stream.resetAndDestroy();
  }
}

export const slowHandshakes: Scenario = {
  about: "1,000 handshakes of one byte a second",
  connections: CLIENTS,

  run: (trial) =>
    attacked(trial, {}, async (subject) => {
      const count = trial.count(CLIENTS);
      const before = await subject.settled();
      using memory = subject.watch();
      const clients: Slow[] = [];
      while (clients.length < count) {
        const some = Array.from({ length: OPENING }, () => new Slow(subject.port));
        await Promise.all(some.map((it) => it.connected()));
        clients.push(...some);
      }
      const end = performance.now() + trial.time(30, 4);
      while (performance.now() < end) {
        trial.progress(`${Math.ceil((end - performance.now()) / 1000)} s to go`);
        for (const it of clients) it.step();
        await wait(1000);
      }
      const most = before + clients.length * EACH + SLACK;
      trial.found(
        `memory with ${clients.length} slow handshakes, at its peak`,
        `≤ ${mebibytes(most)}`,
        mebibytes(memory.peak()),
        memory.peak() <= most,
      );
      const statuses = await Promise.all(clients.map((it) => it.finish()));
      const settled = statuses.filter((it) => it === 101 || it === 408).length;
      trial.foundEqual("slow handshakes that end with 101 or 408", clients.length, settled);
      for (const it of clients) it.drop();
    }),
};
