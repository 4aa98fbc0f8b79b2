/** Exchanges played alone, on a server without other load: only failures there count. @module */

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { TEXT } from "./frames.ts";
import { type HttpExchange, planExchange } from "./http_plan.ts";
import { type Fault, playExchange } from "./http_play.ts";
import { errorOf, errorsOf } from "./http_words.ts";
import type { LongTask } from "./servers/long_tasks.ts";
import { Subject } from "./subject.ts";
import type { Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

/** Maximum processor time of one uninterrupted task for one input, in milliseconds. */
export const MOST_CPU = 100;

/** Milliseconds without an answer after which a server counts as hanging. */
const HANGING = 2000;

/** Milliseconds to wait for delayed failures. */
const LATER = 30;

/** Milliseconds to wait for an answer that is not judged. */
export const LITTLE = 400;

/** Number of characters of stderr after which a server is restarted: not all of them are kept. */
const PRINTED = 10_000;

/** Number of checks after which an open descriptor counts as leaked. */
const LEAVING = 50;

/** Milliseconds until the end of a process is known. */
export const ENDING = 150;

/** Number of times that an exchange is played to measure its cost: the minimum counts. */
const TIMES = 3;

/** Options of both servers. The time limits are longer than any client stays. */
const OPTIONS = { closeTimeout: 1000, handshakeTimeout: 8000 };

/** Starts a server. */
export function startServer(trial: Trial, file: "http.ts" | "http_bare.ts"): Promise<Subject> {
  return Subject.start(trial, { file, options: OPTIONS, isQuiet: true });
}

/** Returns the milliseconds that the main thread of a process has run. */
function ran(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** Resolves with the long tasks of a server. A server that hangs is killed. */
export async function longTasksOf(subject: Subject): Promise<readonly LongTask[]> {
  const [before, from] = [ran(subject.pid), Date.now()];
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), HANGING);
  const answered = subject.ask<readonly LongTask[]>({ longTasks: true }).catch(() => []);
  const answer = await Promise.race([answered, late.promise]);
  clearTimeout(timer);
  if (answer !== undefined) return answer;
  // On a busy machine it may not have run: then its answer is awaited longer.
  const cpu = ran(subject.pid) - before;
  if (cpu < MOST_CPU) return await answered;
  subject.kill();
  await answered;
  return [{ cpu: Infinity, from, to: Date.now() }];
}

/** Milliseconds after which a probe has failed. */
const LONGEST = 5000;

/** Resolves with the milliseconds that a new client waits for an echo. */
async function probe(port: number): Promise<number> {
  const began = performance.now();
  const client = new LoadClient({ port });
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONGEST);
  let isAnswered = false;
  client.onmessage = () => {
    isAnswered = true;
    resolve();
  };
  client.ended.then(() => resolve(), () => resolve());
  client.opened.then(() => client.send(TEXT, "probe"), () => resolve());
  await promise;
  clearTimeout(timer);
  client.reset();
  return isAnswered ? performance.now() - began : LONGEST;
}

/** Resolves with the milliseconds that a new client waits longer than at the bare twin. */
export async function excess(own: Subject, bare: Subject): Promise<number> {
  const [longer, shorter] = await Promise.all([probe(own.port), probe(bare.port)]);
  return longer - shorter;
}

/** Result of playing an exchange. */
export interface PlayResult {
  readonly fault: Fault | undefined;
  /** Description of the process's end, if it ended. */
  readonly death: string | undefined;
  /** Processor time of the longest task, in milliseconds. */
  readonly cpu: number;
}

/** A server without other load, started when it is needed. */
export class Alone implements AsyncDisposable {
  readonly #trial: Trial;
  readonly #file: "http.ts" | "http_bare.ts";
  #subject: Subject | undefined;

  constructor(trial: Trial, file: "http.ts" | "http_bare.ts") {
    this.#trial = trial;
    this.#file = file;
  }

  async #ready(): Promise<Subject> {
    if (this.#subject !== undefined && this.#subject.ended === undefined) return this.#subject;
    await this.#subject?.[Symbol.asyncDispose]();
    return this.#subject = await startServer(this.#trial, this.#file);
  }

  /** Plays an exchange. */
  async play(number: number, entries: readonly string[], patience?: number): Promise<PlayResult> {
    const subject = await this.#ready();
    await longTasksOf(subject);
    const it = this.#plan(number, subject, entries);
    const fault = await playExchange(it, subject.ports[it.entry]!, patience);
    await wait(fault === undefined ? LATER : ENDING);
    const longTasks = subject.ended === undefined ? await longTasksOf(subject) : [];
    const cpu = Math.max(0, ...longTasks.map((task) => task.cpu));
    if (cpu === Infinity) return { fault, death: undefined, cpu };
    const death = subject.ended && `${subject.ended}, ${errorOf(subject.printed)}`;
    return { fault, death, cpu };
  }

  /** Plays an exchange on a new server. Resolves with the description of its end, if it ended. */
  async end(number: number, entries: readonly string[]): Promise<string | undefined> {
    this.#subject?.kill();
    await this.#subject?.[Symbol.asyncDispose]();
    const { death, cpu } = await this.play(number, entries, LITTLE);
    if (death !== undefined || cpu === Infinity) return death ?? "hangs";
    await wait(ENDING);
    const subject = this.#subject!;
    return subject.ended && `${subject.ended}, ${errorOf(subject.printed)}`;
  }

  /** Plays an exchange. Resolves with the errors that are printed meanwhile. */
  async print(number: number, entries: readonly string[]): Promise<string[]> {
    let subject = await this.#ready();
    if (subject.printed.length > PRINTED) {
      await subject[Symbol.asyncDispose]();
      subject = await this.#ready();
    }
    const { length } = subject.printed;
    await this.play(number, entries, LITTLE);
    await wait(LATER);
    return errorsOf(subject.printed.slice(length));
  }

  /** Plays exchanges concurrently. Resolves with the description of the process's end, if it ended. */
  async playAll(
    numbers: readonly number[],
    entries: readonly string[],
  ): Promise<string | undefined> {
    const subject = await this.#ready();
    await Promise.all(numbers.map((number) => {
      const it = this.#plan(number, subject, entries);
      return playExchange(it, subject.ports[it.entry]!, LITTLE);
    }));
    await wait(ENDING);
    return subject.ended && `${subject.ended}, ${errorOf(subject.printed)}`;
  }

  /** Plays exchanges concurrently. Resolves with the ms that a new client waits longer than at the twin. */
  async excess(
    numbers: readonly number[],
    entries: readonly string[],
    twin: Subject,
  ): Promise<number> {
    const subject = await this.#ready();
    const playing = this.playAll(numbers, entries);
    const longer = await excess(subject, twin);
    return await playing === undefined ? longer : 0;
  }

  /** Resolves with the processor time of the longest task, in milliseconds: the minimum of several runs. */
  async cpu(number: number, entries: readonly string[]): Promise<number> {
    let least = Infinity;
    for (let i = 0; i < TIMES && least > MOST_CPU; i++) {
      const { cpu } = await this.play(number, entries);
      if (cpu === Infinity) return cpu;
      least = Math.min(least, cpu);
    }
    return least;
  }

  /** Plays exchanges concurrently. Resolves with the number of descriptors that they leak. */
  async leak(numbers: readonly number[], entries: readonly string[]): Promise<number> {
    await this.play(numbers[0]!, entries); // descriptors that are opened once do not count
    const subject = await this.#ready();
    const before = subject.open;
    await this.playAll(numbers, entries);
    for (let patience = LEAVING; patience > 0 && subject.open > before; patience--) {
      await wait(LATER);
    }
    return subject.ended === undefined ? Math.max(0, subject.open - before) : 0;
  }

  /** Resolves with one of several exchanges that leaks descriptors; with `undefined` if none does. */
  async leaking(
    numbers: readonly number[],
    entries: readonly string[],
  ): Promise<number | undefined> {
    const times = numbers.length === 1 ? TIMES : 1; // one leak may be a file of the runtime
    const all = Array.from({ length: times }, () => numbers).flat();
    if (numbers.length === 0 || await this.leak(all, entries) < times) return undefined;
    if (numbers.length === 1) return numbers[0];
    const half = numbers.length >> 1;
    return await this.leaking(numbers.slice(0, half), entries) ??
      await this.leaking(numbers.slice(half), entries);
  }

  #plan(number: number, subject: Subject, entries: readonly string[]): HttpExchange {
    // The twin has more entries: a plan depends on those of the server under attack.
    const ports = Object.fromEntries(entries.map((name) => [name, subject.ports[name]!]));
    return planExchange(this.#trial.seed, number, ports);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subject?.[Symbol.asyncDispose]();
  }
}
