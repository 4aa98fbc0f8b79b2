/** A process that answers questions, one line of JSON each. @module */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";

/** No answer takes longer, in milliseconds. */
const PATIENCE = 60_000;

/** A process started for a benchmark. It ends with this one, whatever happens. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #name: string;
  #lines: string[] = [];
  #rest = "";
  #wake: (() => void) | undefined;
  #ended = false;
  readonly #exit: Promise<void>;

  /** Starts a command. */
  constructor(command: readonly string[]) {
    this.#name = command.at(-1)!;
    const [file, ...args] = command;
    this.#process = spawn(file!, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.pipe(process.stderr, { end: false });
    this.#process.stdin.on("error", () => {}); // it has ended: that is told by what follows
    this.#process.stdout.setEncoding("utf8");
    this.#process.stdout.on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake?.();
    });
    this.#exit = new Promise((resolve) => {
      const ended = (): void => {
        this.#ended = true;
        this.#wake?.();
        resolve();
      };
      this.#process.on("error", ended);
      this.#process.on("close", ended);
    });
  }

  /** The next line that it says. */
  async hear<T>(): Promise<T> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE);
    try {
      while (this.#lines.length === 0) {
        if (this.#ended) {
          throw new Error(`${this.#name} ended, or took too long`);
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return JSON.parse(this.#lines.shift()!) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks one question. */
  ask<T>(question: object): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return this.hear<T>();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 2000);
    await this.#exit;
    clearTimeout(timer);
  }
}
