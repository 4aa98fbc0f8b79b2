/** The server under attack, in a process of its own. @module */

import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command } from "../processes/runtime.ts";
import { Memory } from "./memory.ts";
import type { Probed } from "./prober.ts";
import type { ServerReport } from "./servers/attend.ts";
import { watchProcessor } from "./processor.ts";
import { figure, type Trial } from "./trial.ts";
import type { Address } from "./load_client.ts";

/** Milliseconds that a new client may wait for its answer. */
const PROMPT = 1000;
/** Milliseconds that sockets have to end when their peers have left. */
const LEAVING = 20_000;

/** Number of files that a process may open by itself meanwhile. */
const OWN = 5;

/** Returns the number of open files and connections of a process; 0 if the system does not report it. */
function countDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Options of {@linkcode Subject.start}. */
export interface SubjectOptions {
  /** File in `servers/`. */
  readonly file?: string;
  /** Argument of the server: options of `serve()`, mostly. */
  readonly options?: object;
  /** Words before the command: for instance, to run it in another network. */
  readonly prefix?: readonly string[];
  /** Words before a command that must run in the same network. */
  readonly within?: (pid: number) => readonly string[];
  /** Name of the server, if a scenario has several. */
  readonly name?: string;
  /** Whether errors in `onError` are expected. */
  readonly expectsErrors?: boolean;
  /** Whether its stderr is only kept, and not printed. */
  readonly isQuiet?: boolean;
}

/** The process of a server under attack. */
export class Subject implements AsyncDisposable {
  /** Port on which it listens. */
  readonly port: number;
  /** Ports on which it listens, by entry, if it has several. */
  readonly ports: Readonly<Record<string, number>>;
  /** Process that measures new clients. */
  prober: Child | undefined;
  readonly #child: Child;
  readonly #descriptors: number;

  private constructor(child: Child, port: number, ports: Readonly<Record<string, number>>) {
    this.#child = child;
    this.port = port;
    this.ports = ports;
    this.#descriptors = countDescriptors(child.pid);
  }

  /** Starts a server. */
  static async start(trial: Trial, init: SubjectOptions = {}): Promise<Subject> {
    const { file = "echo.ts", options = {}, prefix = [], isQuiet = false } = init;
    const engine = trial.engine === "tcp" ? { engine: "tcp" } : {}; // otherwise the options decide
    const argument = JSON.stringify({ port: 0, hostname: "127.0.0.1", ...engine, ...options });
    const run = command(trial.runtime, new URL(`servers/${file}`, import.meta.url), argument);
    const child = new Child([...prefix, ...run], isQuiet);
    const { port, ports = {} } = await child.hear<
      { port: number; ports?: Record<string, number> }
    >();
    return new Subject(child, port, ports);
  }

  /** Id of its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Description of its end; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#child.ended;
  }

  /** First characters of its stderr. */
  get printed(): string {
    return this.#child.printed;
  }

  /** Kills it with SIGKILL. */
  kill(): void {
    this.#child.kill();
  }

  /** Number of its open files and connections. */
  get open(): number {
    return countDescriptors(this.pid);
  }

  /** Asks it a question. */
  ask<T>(question: object): Promise<T> {
    return this.#child.ask<T>(question);
  }

  /** Resolves with the report on its sockets. */
  report(): Promise<ServerReport> {
    return this.ask<ServerReport>({ report: true });
  }

  /** Resolves with its resident memory after garbage collection, during which the prober pauses. */
  async settled(): Promise<number> {
    await this.prober?.ask({ pause: true });
    const { rss } = await this.ask<Cost>({ settled: true });
    await this.prober?.ask({ resume: true });
    return rss;
  }

  /** Starts sampling its memory. */
  watch(): Memory {
    return new Memory(this.pid);
  }

  /** Waits until a condition holds, or sockets have had their time to end. */
  async until(holds: (report: ServerReport) => boolean): Promise<ServerReport> {
    const end = performance.now() + LEAVING;
    while (true) {
      const report = await this.report();
      if (holds(report) || performance.now() > end) return report;
      await wait(50);
    }
  }

  /** Waits until at most `count` sockets are left. */
  left(count = 0): Promise<ServerReport> {
    return this.until(({ sockets }) => sockets <= count);
  }

  /** Resolves with the number of open files and connections beyond those at its start, after a while. */
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

/** Starts a process that measures repeatedly how long a server takes for a new client. */
async function probe(address: Address, prefix: readonly string[]): Promise<Child> {
  const run = command("node24", new URL("prober.ts", import.meta.url));
  const child = new Child([...prefix, ...run]);
  await child.hear();
  await child.ask({ begin: address });
  return child;
}

/**
 * Starts a server, attacks it, and checks what must hold under every attack: a new client is answered
 * in time, the process lives, its sockets keep their promises, and none is leaked.
 *
 * @param attack When it resolves, its connections must have ended, or be ending.
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
  const { sockets, made, closed, violations, errors } = await subject.left();
  const wrong = [
    sockets > 0 && `${sockets} sockets left`,
    made !== closed && `${made - closed} close events missing`,
    ...violations,
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
