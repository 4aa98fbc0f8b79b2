/** The resident memory of another process, as the system tells it: that process need not answer. @module */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Unable } from "./trial.ts";

/** ms: between samples. */
const PERIOD = 1000;

/** Bytes: a process that has so much is ended, before it ends others. */
const CEILING = 4 * 1024 ** 3;

/** One look. */
export interface MemorySample {
  /** ms since the first look. */
  readonly at: number;
  /** Bytes. */
  readonly rss: number;
}

/** Looks at a process once a second. */
export class Memory implements Disposable {
  /** What was seen. */
  readonly samples: MemorySample[] = [];
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #began = performance.now();

  /** Begins. */
  constructor(pid: number) {
    this.#pid = pid;
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, "5"); // the peak is that from now on
    } catch {
      throw new Unable("Cannot measure the memory of another process: that takes Linux's /proc");
    }
    this.#look();
    this.#timer = setInterval(() => this.#look(), PERIOD);
  }

  /** Bytes now; 0 if the process has ended. */
  now(): number {
    return this.#read("VmRSS");
  }

  /** Bytes: the most that there were since this began, as the system saw it. */
  peak(): number {
    return Math.max(this.#read("VmHWM"), ...this.samples.map(({ rss }) => rss));
  }

  /** The median between two moments, in ms since the first look. */
  median(from: number, to: number): number {
    const between = this.samples.filter(({ at }) => at >= from && at <= to)
      .map(({ rss }) => rss).sort((a, b) => a - b);
    return between[between.length >> 1] ?? this.now();
  }

  /** Ends. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const rss = this.now();
    this.samples.push({ at: performance.now() - this.#began, rss });
    if (rss > CEILING) process.kill(this.#pid, "SIGKILL");
  }

  #read(field: string): number {
    try {
      const status = readFileSync(`/proc/${this.#pid}/status`, "utf8");
      return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
    } catch {
      return 0;
    }
  }
}
