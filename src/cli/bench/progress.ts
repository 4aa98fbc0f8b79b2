/** What `bench` shows while it runs: a bar on a terminal, a line each second elsewhere. @module */

import process from "node:process";
import type { Length } from "./load.ts";
import { whole } from "./report.ts";

/** ms: how often the bar is drawn, and how often a line is printed. */
const EVERY = { bar: 100, line: 1000 } as const;

/** The widest bar. */
const BAR = 40;

/** Shows how far it is. Nothing of it goes to stdout. */
export class Progress {
  readonly #quiet: boolean;
  readonly #isTerminal: boolean = process.stderr.isTTY ?? false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawn = false;

  /** Prepares. */
  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  /** Says what is done now, in place of what was said before. */
  tell(text: string): void {
    if (this.#quiet) return;
    if (!this.#isTerminal) return void process.stderr.write(`${text}\n`);
    process.stderr.write(`\r\x1b[K${text.slice(0, this.#width)}`);
    this.#drawn = true;
  }

  get #width(): number {
    return (process.stderr.columns || 80) - 1;
  }

  /** Begins to watch a run. */
  watch({ ms, messages }: Length, count: () => number): void {
    if (this.#quiet) return;
    const begun = performance.now();
    let [seen, seenAt] = [0, begun];
    const show = (): void => {
      const now = performance.now();
      const total = count();
      const rate = `${whole((total - seen) * 1000 / (now - seenAt))} messages/s`;
      const part = Math.min(1, Math.max((now - begun) / ms, total / messages));
      const left = part === 0 ? Infinity : (now - begun) * (1 - part) / part / 1000;
      [seen, seenAt] = [total, now];
      if (this.#isTerminal) this.tell(this.#bar(part, `${clock(left)} left  ${rate}`));
      else this.tell(`${Math.round((now - begun) / 1000)} s: ${rate}`);
    };
    this.#timer = setInterval(show, this.#isTerminal ? EVERY.bar : EVERY.line);
  }

  #bar(part: number, tail: string): string {
    const room = Math.max(0, Math.min(BAR, this.#width - tail.length - 3));
    const filled = Math.round(room * part);
    return `[${"#".repeat(filled)}${"-".repeat(room - filled)}] ${tail}`;
  }

  /** Takes the bar away. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#drawn) process.stderr.write("\r\x1b[K");
    this.#drawn = false;
  }
}

function clock(seconds: number): string {
  if (seconds === Infinity) return "?";
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
