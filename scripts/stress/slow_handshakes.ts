/** Clients that send their request byte by byte, and never finish it. @module */

import { setTimeout as wait } from "node:timers/promises";
import { attacked } from "./subject.ts";
import { figure, mebibytes, type Scenario } from "./trial.ts";
import { OPENING, openTcp, upgradeRequest } from "./load_client.ts";

const CLIENTS = 1000;
/** Bytes that a silent connection may cost, and that a process may grow by itself. */
const EACH = 64 * 1024;
const SLACK = 32 * 1024 * 1024;

/** Time limit of an answer to a complete request, in milliseconds. */
const ANSWERING = 10_000;

/** A client, and its progress. */
class Slow {
  readonly #bytes: string;
  readonly #stream;
  #at = 0;
  /** Resolves with the status of the answer, or when the server has ended the connection. */
  readonly answered: Promise<string>;

  constructor(port: number) {
    this.#bytes = upgradeRequest({ port });
    this.#stream = openTcp({ port });
    this.answered = new Promise((resolve) => {
      this.#stream.once("data", (data) => resolve(data.toString("latin1").split(" ")[1]!));
      this.#stream.once("close", () => resolve("cut"));
    });
  }

  connected(): Promise<unknown> {
    return new Promise((resolve) => this.#stream.once("connect", resolve));
  }

  /** Sends one more byte, but never the last. */
  step(): void {
    if (this.#at === this.#bytes.length - 1 || !this.#stream.writable) return;
    this.#stream.write(this.#bytes[this.#at++]!);
  }

  /** Sends the rest, and waits for the answer, with a time limit. */
  async finish(): Promise<string> {
    if (this.#stream.writable) this.#stream.write(this.#bytes.slice(this.#at));
    const never = new AbortController();
    const hangs = wait(ANSWERING, "no answer", { signal: never.signal });
    const answer = await Promise.race([this.answered, hangs]);
    hangs.catch(() => {});
    never.abort();
    return answer;
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
      const answers = new Map<string, number>();
      for (const answer of await Promise.all(clients.map((it) => it.finish()))) {
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
      // Node answers 408 after handshakeTimeout, Bun cuts after 10 seconds, Deno waits without limit.
      const wanted = ["101", "408", "cut"];
      trial.found(
        `how ${figure(clients.length)} slow handshakes end`,
        "101, 408 or cut",
        [...answers].map(([answer, times]) => `${answer} × ${times}`).join(", "),
        [...answers.keys()].every((answer) => wanted.includes(answer)),
      );
      for (const it of clients) it.drop();
    }),
};
