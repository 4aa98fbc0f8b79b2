/** One exchange at a time, on a server that has nothing else to do: what fails there counts. @module */

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { TEXT } from "./frames.ts";
import { type HttpExchange, planExchange } from "./http_plan.ts";
import { type Fault, playExchange } from "./http_play.ts";
import { errorOf, errorsOf } from "./http_words.ts";
import type { Stretch } from "./servers/stretches.ts";
import { Subject } from "./subject.ts";
import type { Trial } from "./trial.ts";
import { LoadClient } from "./load_client.ts";

/** ms of processor time that one input may cost at a stretch. */
export const MOST_CPU = 100;

/** ms: who does not say a word for so long hangs. */
const HANGING = 2000;

/** ms: how long something that goes wrong later may take. */
const LATER = 30;

/** ms: how long an answer is waited for where it does not matter. */
export const LITTLE = 400;

/** Characters of errors after which a server is started anew: not all of them are kept. */
const PRINTED = 10_000;

/** Looks at the descriptors until what is there counts as left. */
const LEAVING = 50;

/** ms: how long it may take until it is known that a process has ended. */
export const ENDING = 150;

/** Times that an exchange is played for what it costs: the least counts. */
const TIMES = 3;

/** Options of both servers. Time limits are for peers that stay: no client here does for so long. */
const OPTIONS = { closeTimeout: 1000, handshakeTimeout: 8000 };

/** Starts a server. */
export function startServer(trial: Trial, file: "http.ts" | "http_bare.ts"): Promise<Subject> {
  return Subject.start(trial, { file, options: OPTIONS, isQuiet: true });
}

/** ms that the main thread of a process has run. */
function ran(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** Asks a server how long it kept its thread to itself. One that hangs is ended. */
export async function stretchesOf(subject: Subject): Promise<readonly Stretch[]> {
  const [before, from] = [ran(subject.pid), Date.now()];
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), HANGING);
  const asked = subject.ask<readonly Stretch[]>({ stretches: true }).catch(() => []);
  const said = await Promise.race([asked, late.promise]);
  clearTimeout(timer);
  if (said !== undefined) return said;
  // A machine that is busy gives it no time: then it is asked for longer.
  const cpu = ran(subject.pid) - before;
  if (cpu < MOST_CPU) return await asked;
  subject.kill();
  await asked;
  return [{ cpu: Infinity, from, to: Date.now() }];
}

/** ms: a probe that takes longer has failed. */
const LONGEST = 5000;

/** ms that a fresh client waits for an echo. */
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

/** ms that a fresh client waits for a server longer than for its bare twin at the same time. */
export async function excess(own: Subject, bare: Subject): Promise<number> {
  const [longer, shorter] = await Promise.all([probe(own.port), probe(bare.port)]);
  return longer - shorter;
}

/** What an exchange did. */
export interface PlayResult {
  readonly fault: Fault | undefined;
  /** How the process ended, if it did. */
  readonly death: string | undefined;
  /** ms of processor time, of the longest stretch. */
  readonly cpu: number;
}

/** A server that has nothing else to do, started when it is wanted. */
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
    await stretchesOf(subject);
    const it = this.#plan(number, subject, entries);
    const fault = await playExchange(it, subject.ports[it.entry]!, patience);
    await wait(fault === undefined ? LATER : ENDING);
    const stretches = subject.ended === undefined ? await stretchesOf(subject) : [];
    const cpu = Math.max(0, ...stretches.map((stretch) => stretch.cpu));
    if (cpu === Infinity) return { fault, death: undefined, cpu };
    const death = subject.ended && `${subject.ended}, ${errorOf(subject.printed)}`;
    return { fault, death, cpu };
  }

  /** Plays an exchange on a new server. Returns how that ended, if it did. */
  async end(number: number, entries: readonly string[]): Promise<string | undefined> {
    this.#subject?.kill();
    await this.#subject?.[Symbol.asyncDispose]();
    const { death, cpu } = await this.play(number, entries, LITTLE);
    if (death !== undefined || cpu === Infinity) return death ?? "hangs";
    await wait(ENDING);
    const subject = this.#subject!;
    return subject.ended && `${subject.ended}, ${errorOf(subject.printed)}`;
  }

  /** Plays an exchange. Returns what is printed as errors meanwhile. */
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

  /** Plays exchanges all at once. Returns how the process ended, if it did. */
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

  /** Plays exchanges all at once. Returns how much longer than for the twin a fresh client waits. */
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

  /** ms of processor time at a stretch: the least of several times. */
  async cpu(number: number, entries: readonly string[]): Promise<number> {
    let least = Infinity;
    for (let i = 0; i < TIMES && least > MOST_CPU; i++) {
      const { cpu } = await this.play(number, entries);
      if (cpu === Infinity) return cpu;
      least = Math.min(least, cpu);
    }
    return least;
  }

  /** Number of descriptors that exchanges leave behind, played all at once. */
  async leak(numbers: readonly number[], entries: readonly string[]): Promise<number> {
    await this.play(numbers[0]!, entries); // what is opened once does not count
    const subject = await this.#ready();
    const before = subject.open;
    await this.playAll(numbers, entries);
    for (let patience = LEAVING; patience > 0 && subject.open > before; patience--) {
      await wait(LATER);
    }
    return subject.ended === undefined ? Math.max(0, subject.open - before) : 0;
  }

  /** One of several exchanges that leaves descriptors behind; `undefined` if none does. */
  async leaking(
    numbers: readonly number[],
    entries: readonly string[],
  ): Promise<number | undefined> {
    const times = numbers.length === 1 ? TIMES : 1; // one may also be a file of the runtime
    const all = Array.from({ length: times }, () => numbers).flat();
    if (numbers.length === 0 || await this.leak(all, entries) < times) return undefined;
    if (numbers.length === 1) return numbers[0];
    const half = numbers.length >> 1;
    return await this.leaking(numbers.slice(0, half), entries) ??
      await this.leaking(numbers.slice(half), entries);
  }

  #plan(number: number, subject: Subject, entries: readonly string[]): HttpExchange {
    // The twin has all entries: a plan follows from those of the server under attack.
    const ports = Object.fromEntries(entries.map((name) => [name, subject.ports[name]!]));
    return planExchange(this.#trial.seed, number, ports);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subject?.[Symbol.asyncDispose]();
  }
}
