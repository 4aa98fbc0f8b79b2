/** A seeded fuzzer of HTTP: requests and handshakes, right and wrong, cut anywhere. @module */

import { Buffer } from "node:buffer";
import { setTimeout as wait } from "node:timers/promises";
import { Alone, ENDING, excess, longTasksOf, MOST_CPU, startServer } from "./http_alone.ts";
import { type HttpExchange, planExchange } from "./http_plan.ts";
import { type Fault, playExchange } from "./http_play.ts";
import { Verdicts } from "./http_verdicts.ts";
import { errorOf } from "./http_words.ts";
import type { Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";

/** Number of concurrent exchanges: each is a suspect for what happens meanwhile. */
const TOGETHER = 16;
/** Milliseconds between two checks of the server. */
const LOOK = 200;
/** Milliseconds before the end of a process in which an exchange may have caused it. */
const SUSPECT = 500;
/** Maximum growth of the memory in the second half of the time: a factor, or a number of bytes. */
const FLAT = 1.05;
const SLACK = 24 * 1024 * 1024;

/** An exchange that was started. */
interface Begun {
  readonly it: HttpExchange;
  /** Milliseconds since the epoch. */
  readonly from: number;
  to: number;
}

/** One run of a server, until it ends or the time is over. */
class Life {
  readonly #trial: Trial;
  readonly #subject: Subject;
  readonly #twin: Subject;
  readonly #verdicts: Verdicts;
  #history: Begun[] = [];

  constructor(trial: Trial, subject: Subject, twin: Subject, verdicts: Verdicts) {
    this.#trial = trial;
    this.#subject = subject;
    this.#twin = twin;
    this.#verdicts = verdicts;
  }

  get #isOver(): boolean {
    return this.#subject.ended !== undefined;
  }

  /** Plays exchanges until a moment, or until the server ends. */
  async run(end: number): Promise<void> {
    let isRunning = true;
    const workers = Array.from({ length: TOGETHER }, async () => {
      while (performance.now() < end && !this.#isOver) await this.#next();
    });
    const watching = this.#watch(() => isRunning);
    const probing = this.#probe(() => isRunning);
    await Promise.all(workers);
    isRunning = false;
    await Promise.all([watching, probing]);
    if (!this.#isOver) return;
    const died = Date.now();
    const suspects = this.#during(died - SUSPECT - LOOK, died);
    const how = `${this.#subject.ended}, ${errorOf(this.#subject.printed)}`;
    if (!this.#verdicts.isHanging) this.#verdicts.died(how, suspects);
  }

  async #next(): Promise<void> {
    const { seed, entries } = this.#trial;
    const number = this.#verdicts.played++;
    const it = planExchange(seed, number, this.#subject.ports);
    if (entries?.includes(it.entry) === false) return;
    if (this.#verdicts.isFatal(it)) return;
    const begun: Begun = { it, from: Date.now(), to: Infinity };
    this.#history.push(begun);
    const found: Fault | undefined = await playExchange(it, this.#subject.ports[it.entry]!);
    begun.to = Date.now();
    if (found !== undefined) {
      await wait(ENDING);
      if (!this.#isOver) this.#verdicts.failed(it, found);
    }
    if (number % 100 === 0) this.#trial.progress(`${figure(number)} exchanges, seed ${seed}`);
  }

  /** Returns the exchanges that were under way within a time: first those that lasted until its end. */
  #during(from: number, to: number): HttpExchange[] {
    return this.#history.filter((it) => it.to >= from && it.from <= to)
      .sort((a, b) => b.to === a.to ? b.from - a.from : b.to - a.to).map(({ it }) => it);
  }

  async #watch(isRunning: () => boolean): Promise<void> {
    while (!this.#isOver && isRunning()) {
      const tasks = await longTasksOf(this.#subject);
      for (const { cpu, from, to } of tasks) {
        if (cpu > MOST_CPU) this.#verdicts.kept(cpu, this.#during(from - 2 * LOOK, to));
      }
      const old = Date.now() - 20_000;
      this.#history = this.#history.filter((it) => it.to > old);
      await wait(LOOK);
    }
  }

  async #probe(isRunning: () => boolean): Promise<void> {
    while (!this.#isOver && isRunning()) {
      const from = Date.now();
      const longer = await excess(this.#subject, this.#twin);
      if (longer > LOOK) await wait(ENDING);
      if (this.#isOver) return;
      this.#verdicts.probed(longer, this.#during(from, Date.now()));
      await wait(LOOK / 2);
    }
  }
}

async function fuzzed(trial: Trial): Promise<void> {
  await using twin = await startServer(trial, "http_bare.ts");
  await using verdicts = new Verdicts(trial, twin);
  const began = performance.now();
  const end = began + trial.time(600, 6);
  let memory: readonly [half: number, whole: number] | undefined;
  while (performance.now() < end) {
    await using subject = await startServer(trial, "http.ts");
    verdicts.entries = Object.keys(subject.ports);
    const life = new Life(trial, subject, twin, verdicts);
    const from = performance.now();
    await life.run((from + end) / 2);
    if (subject.ended === undefined) {
      const half = await subject.settled();
      await life.run(end);
      if (subject.ended === undefined) {
        verdicts.left = await subject.descriptors();
        memory = [half, await subject.settled()];
      }
    }
    if (subject.ended === undefined) verdicts.printed(subject.printed);
    await verdicts.settleDeaths();
  }
  await verdicts.report();
  if (memory !== undefined) {
    const [half, whole] = memory;
    const most = Math.max(half * FLAT, half + SLACK);
    trial.found(
      "memory after collection of garbage, after half of the time and at the end",
      `≤ ${mebibytes(most)}`,
      `${mebibytes(half)} → ${mebibytes(whole)}`,
      whole <= most,
    );
  }
}

/** Plays one exchange alone, and reports it. */
async function replayed(trial: Trial, number: number): Promise<void> {
  await using own = new Alone(trial, "http.ts");
  await using bare = new Alone(trial, "http_bare.ts");
  const subject = await startServer(trial, "http.ts");
  const entries = Object.keys(subject.ports);
  const it = planExchange(trial.seed, number, subject.ports);
  await subject[Symbol.asyncDispose]();
  const steps = it.steps.map((step) =>
    "write" in step ? Buffer.from(step.write).toString("latin1").slice(0, 600) : step
  );
  const [ours, theirs] = [
    await problemsOf(own, number, entries),
    await problemsOf(bare, number, entries),
  ];
  trial.found(
    `exchange ${number} alone, seed ${trial.seed}`,
    "answered as it should be, by a process that lives, within its time",
    `${it.shape}; ${ours || "so"}; the bare twin: ${theirs || "so"}; ${JSON.stringify(steps)}`,
    ours === "" || ours === theirs,
  );
}

/** Resolves with the problems of an exchange, in words. */
async function problemsOf(
  alone: Alone,
  number: number,
  entries: readonly string[],
): Promise<string> {
  const { fault, death, cpu } = await alone.play(number, entries);
  if (death !== undefined) return death;
  if (cpu === Infinity) return "hangs";
  const leaking = await alone.leaking([number], entries);
  return [
    fault?.what,
    cpu > MOST_CPU && `takes ${figure(cpu)} ms at a stretch`,
    leaking !== undefined && "leaves a descriptor",
  ].filter((it) => typeof it === "string").join(", ");
}

export const http: Scenario = {
  about: "HTTP for ten minutes: requests and handshakes, right and wrong, cut anywhere",
  connections: TOGETHER * 12,

  run: (trial) => trial.exchange === undefined ? fuzzed(trial) : replayed(trial, trial.exchange),
};
