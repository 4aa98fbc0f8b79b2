/** A process that answers questions, one line of JSON each. @module */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";
import { unhandledIn } from "./unhandled.ts";

/** No answer takes longer, in milliseconds. */
const PATIENCE = 60_000;

/** Number of characters that are kept of what it prints as errors. */
const PRINTED = 20_000;

/** A process started by a script. It ends with this one, whatever happens. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #name: string;
  #lines: string[] = [];
  #rest = "";
  #wake: (() => void) | undefined;
  #end: string | undefined;
  readonly #exit: Promise<void>;
  #printed = "";

  /**
   * Starts a command.
   *
   * @param isQuiet Whether what it prints as errors is only kept: else it goes to stderr, and one that
   * is not handled counts as the end of the process.
   */
  constructor(command: readonly string[], isQuiet = false) {
    this.#name = command.find((part) => part.endsWith(".ts")) ?? command[0]!;
    const [file, ...args] = command;
    this.#process = spawn(file!, args, { stdio: ["pipe", "pipe", "pipe"] });
    if (!isQuiet) this.#process.stderr.pipe(process.stderr, { end: false });
    this.#process.stderr.setEncoding("utf8");
    this.#process.stderr.on("data", (text: string) => {
      if (this.#printed.length < PRINTED) this.#printed += text;
      if (isQuiet) return;
      const unhandled = unhandledIn(this.#printed);
      if (unhandled !== undefined) this.#end ??= `an error that was not handled: ${unhandled}`;
    });
    this.#process.stdin.on("error", () => {}); // it has ended: that is told by what follows
    this.#process.stdout.setEncoding("utf8");
    this.#process.stdout.on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake?.();
    });
    this.#exit = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.#end ??= how;
        this.#wake?.();
        resolve();
      };
      this.#process.on("error", (error) => ended(error.message));
      this.#process.on("close", (code, signal) => ended(signal ?? `exit code ${code}`));
    });
  }

  /** Its number; 0 if it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** How it ended, or the error that it did not handle; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#end;
  }

  /** What it has printed as errors: the beginning. */
  get printed(): string {
    return this.#printed;
  }

  /** The next line that it says. */
  async hear<T>(): Promise<T> {
    const timer = setTimeout(() => {
      this.#end = `no answer within ${PATIENCE} ms`;
      this.kill();
    }, PATIENCE);
    try {
      while (this.#lines.length === 0) {
        if (this.#end !== undefined) throw new Error(`${this.#name} ended: ${this.#end}`);
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

  /** Ends it as hard as the system can. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(() => this.kill(), 2000);
    await this.#exit;
    clearTimeout(timer);
  }
}
