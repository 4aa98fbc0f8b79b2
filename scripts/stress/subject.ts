/** The server under attack, in a process of its own. @module */

import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command } from "../processes/runtime.ts";
import { Memory } from "./memory.ts";
import type { Probed } from "./prober.ts";
import type { Report } from "./servers/attend.ts";
import { watchProcessor } from "./processor.ts";
import { figure, type Trial } from "./trial.ts";
import type { Address } from "./load_client.ts";

/** ms: how long a fresh client may have to wait for its answer. */
const PROMPT = 1000;
/** ms: how long sockets may take to end when their peers have left. */
const LEAVING = 20_000;

/** Files that a process may open by itself as it goes on. */
const OWN = 5;

/** How many files and connections a process has open; 0 where the system does not tell. */
function countDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** What a subject is started with. */
export interface SubjectOptions {
  /** The file in `servers/`. */
  readonly file?: string;
  /** What it is told: options of `serve()`, mostly. */
  readonly options?: object;
  /** What comes before the command: for instance, to run it elsewhere. */
  readonly prefix?: readonly string[];
  /** What comes before a command that is to run beside it, where that is elsewhere. */
  readonly within?: (pid: number) => readonly string[];
  /** What to call it, where a scenario has several. */
  readonly name?: string;
  /** Whether `onError` is to be told things. */
  readonly expectsErrors?: boolean;
  /** Whether what it prints as errors is only kept. */
  readonly isQuiet?: boolean;
}

/** A server at work. */
export class Subject implements AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Where it listens, by the names of its entries, if it has several. */
  readonly ports: Readonly<Record<string, number>>;
  /** Who asks what it takes for a fresh client. */
  prober: Child | undefined;
  readonly #child: Child;
  readonly #descriptors: number;

  private constructor(child: Child, port: number, ports: Readonly<Record<string, number>>) {
    this.#child = child;
    this.port = port;
    this.ports = ports;
    this.#descriptors = countDescriptors(child.pid);
  }

  /** Starts one. */
  static async start(trial: Trial, init: SubjectOptions = {}): Promise<Subject> {
    const { file = "echo.ts", options = {}, prefix = [], isQuiet = false } = init;
    const engine = trial.engine === "ws" ? { engine: "ws" } : {}; // the other may not be enough
    const told = JSON.stringify({ port: 0, hostname: "127.0.0.1", ...engine, ...options });
    const run = command(trial.runtime, new URL(`servers/${file}`, import.meta.url), told);
    const child = new Child([...prefix, ...run], isQuiet);
    const { port, ports = {} } = await child.hear<
      { port: number; ports?: Record<string, number> }
    >();
    return new Subject(child, port, ports);
  }

  /** The number of its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** How it ended; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#child.ended;
  }

  /** What it has printed as errors: the beginning. */
  get printed(): string {
    return this.#child.printed;
  }

  /** Ends it as hard as the system can. */
  kill(): void {
    this.#child.kill();
  }

  /** Number of files and connections that it has open. */
  get open(): number {
    return countDescriptors(this.pid);
  }

  /** Asks it something. */
  ask<T>(question: object): Promise<T> {
    return this.#child.ask<T>(question);
  }

  /** What has happened to its sockets. */
  report(): Promise<Report> {
    return this.ask<Report>({ report: true });
  }

  /** Its resident memory when all garbage is collected. Meanwhile, nobody asks how long that takes. */
  async settled(): Promise<number> {
    await this.prober?.ask({ pause: true });
    const { rss } = await this.ask<Cost>({ settled: true });
    await this.prober?.ask({ resume: true });
    return rss;
  }

  /** Watches its memory from now on. */
  watch(): Memory {
    return new Memory(this.pid);
  }

  /** Waits until something is so, or for as long as sockets may take to end. */
  async until(holds: (report: Report) => boolean): Promise<Report> {
    const end = performance.now() + LEAVING;
    while (true) {
      const report = await this.report();
      if (holds(report) || performance.now() > end) return report;
      await wait(50);
    }
  }

  /** Waits until no more than so many sockets are left. */
  left(count = 0): Promise<Report> {
    return this.until(({ sockets }) => sockets <= count);
  }

  /** How many files and connections more it has than in the beginning, after some patience. */
  async descriptors(): Promise<number> {
    let more = 0;
    for (let patience = 60; patience > 0; patience--) {
      more = countDescriptors(this.pid) - this.#descriptors;
      if (more <= OWN) return 0;
      await wait(50);
    }
    return more;
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

/** Starts a process that asks a server, again and again, what it takes for a fresh client. */
async function probe(address: Address, prefix: readonly string[]): Promise<Child> {
  const run = command("node24", new URL("prober.ts", import.meta.url));
  const child = new Child([...prefix, ...run]);
  await child.hear();
  await child.ask({ begin: address });
  return child;
}

/**
 * Starts a server, attacks it, and finds out what holds under every attack: a fresh client is
 * answered at once, the process lives, its sockets keep their promises, and none is left behind.
 *
 * @param attack When it is over, its connections have to be gone, or going.
 */
export async function attacked(
  trial: Trial,
  init: SubjectOptions,
  attack: (subject: Subject) => Promise<void>,
): Promise<void> {
  await using subject = await Subject.start(trial, init);
  const name = init.name === undefined ? "" : `${init.name}: `;
  const share = watchProcessor(subject.pid);
  await using prober = await probe({ port: subject.port }, init.within?.(subject.pid) ?? []);
  subject.prober = prober;
  let failure: unknown;
  try {
    await attack(subject);
  } catch (error) {
    failure = error;
  }
  foundPrompt(trial, name, await prober.ask<Probed>({}), share());
  subject.prober = undefined;
  await foundInOrder(trial, name, subject, init.expectsErrors ?? false);
  if (failure !== undefined && subject.ended === undefined) throw failure;
}

/** What holds when nobody is there any more. */
async function foundInOrder(
  trial: Trial,
  name: string,
  subject: Subject,
  expectsErrors: boolean,
): Promise<void> {
  const wanted = "lives; all of them closed, once; no promise broken";
  const { ended } = subject;
  if (ended !== undefined) return trial.found(`${name}server and sockets`, wanted, ended, false);
  const { sockets, made, closed, broken, errors } = await subject.left();
  const wrong = [
    sockets > 0 && `${sockets} sockets left`,
    made !== closed && `${made - closed} close events missing`,
    ...broken,
    !expectsErrors && errors.count > 0 && `${errors.count} errors: ${errors.first}`,
  ].filter((it) => it !== false);
  const said = `${figure(made)} sockets${wrong.map((it) => `; ${it}`).join("")}`;
  trial.found(`${name}server and sockets`, wanted, said, wrong.length === 0);
  trial.foundEqual(`${name}descriptors left`, 0, await subject.descriptors());
}

/** What a machine that has other things to do makes a server wait is not held against it. */
function foundPrompt(trial: Trial, name: string, probed: Probed, share: number): void {
  const { count, median, worst, failure } = probed;
  const held = failure === undefined && count > 0 && worst * share <= PROMPT;
  const said = failure ?? `worst of ${count} probes, median ${median.toFixed(0)} ms`;
  const percent = `${(share * 100).toFixed(0)} % of a processor`;
  trial.found(
    `${name}a fresh client's answer`,
    `≤ ${PROMPT} ms of a whole processor`,
    `${(worst * share).toFixed(0)} ms: ${worst.toFixed(0)} ms with ${percent}; ${said}`,
    held,
  );
}
