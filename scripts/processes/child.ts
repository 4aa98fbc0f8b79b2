/** A process that answers questions, one line of JSON each. @module */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";
import { unhandledIn } from "./unhandled.ts";

/** Time limit of an answer, in milliseconds. */
const PATIENCE = 60_000;

/** Number of characters of stderr that are kept. */
const PRINTED = 20_000;

/** A process started by a script. It ends with the script, whatever happens. */
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
   * @param isQuiet Whether its stderr is only kept: otherwise it is also printed, and an unhandled
   * error counts as the end of the process.
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
    this.#process.stdin.on("error", () => {}); // it has ended: `close` follows
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

  /** Process id; 0 if it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Description of its end, or its unhandled error; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#end;
  }

  /** First characters of its stderr. */
  get printed(): string {
    return this.#printed;
  }

  /** Resolves with its next line, parsed. */
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

  /** Asks a question. Resolves with the answer. */
  ask<T>(question: object): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return this.hear<T>();
  }

  /** Kills it with SIGKILL. */
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
