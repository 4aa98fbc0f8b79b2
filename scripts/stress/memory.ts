/** Resident memory of another process, from the system: the process need not answer. @module */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Unable } from "./trial.ts";

/** Milliseconds between two samples. */
const PERIOD = 1000;

/** Bytes at which a process is killed, before it affects others. */
const CEILING = 4 * 1024 ** 3;

/** A sample. */
export interface MemorySample {
  /** Milliseconds since the first sample. */
  readonly at: number;
  /** Resident memory, in bytes. */
  readonly rss: number;
}

/** Samples the memory of a process. */
export class Memory implements Disposable {
  /** Samples so far. */
  readonly samples: MemorySample[] = [];
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #began = performance.now();

  /** Starts sampling. */
  constructor(pid: number) {
    this.#pid = pid;
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, "5"); // resets the peak
    } catch {
      throw new Unable("Cannot measure the memory of another process: that takes Linux's /proc");
    }
    this.#look();
    this.#timer = setInterval(() => this.#look(), PERIOD);
  }

  /** Returns the present number of bytes; 0 if the process has ended. */
  now(): number {
    return this.#read("VmRSS");
  }

  /** Returns the peak since the start, in bytes, as the system has measured it. */
  peak(): number {
    return Math.max(this.#read("VmHWM"), ...this.samples.map(({ rss }) => rss));
  }

  /** Returns the median between two moments, in milliseconds since the first sample. */
  median(from: number, to: number): number {
    const between = this.samples.filter(({ at }) => at >= from && at <= to)
      .map(({ rss }) => rss).sort((a, b) => a - b);
    return between[between.length >> 1] ?? this.now();
  }

  /** Stops sampling. */
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
