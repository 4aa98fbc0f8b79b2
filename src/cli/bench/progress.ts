/** Progress of `bench`: a bar on a terminal, a line each second elsewhere. @module */

import process from "node:process";
import type { RunLength } from "./load_generator.ts";
import { whole } from "./report.ts";

/** ms: intervals of drawing the bar, and of printing a line. */
const INTERVALS = { bar: 100, line: 1000 } as const;

/** Maximum width of the bar, in characters. */
const BAR = 40;

/** Shows the progress, on stderr only. */
export class Progress {
  readonly #quiet: boolean;
  readonly #isTerminal: boolean = process.stderr.isTTY ?? false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawn = false;

  /** Shows nothing yet. */
  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  /** Shows a text; on a terminal, it replaces the last one. */
  show(text: string): void {
    if (this.#quiet) return;
    if (!this.#isTerminal) return void process.stderr.write(`${text}\n`);
    process.stderr.write(`\r\x1b[K${text.slice(0, this.#width)}`);
    this.#drawn = true;
  }

  get #width(): number {
    return (process.stderr.columns || 80) - 1;
  }

  /** Shows the progress of a run, until `end()`. */
  watch({ ms, messages }: RunLength, count: () => number): void {
    if (this.#quiet) return;
    const begun = performance.now();
    let [seen, seenAt] = [0, begun];
    const update = (): void => {
      const now = performance.now();
      const total = count();
      const rate = `${whole((total - seen) * 1000 / (now - seenAt))} messages/s`;
      const part = Math.min(1, Math.max((now - begun) / ms, total / messages));
      const left = part === 0 ? Infinity : (now - begun) * (1 - part) / part / 1000;
      [seen, seenAt] = [total, now];
      if (this.#isTerminal) this.show(this.#bar(part, `${clock(left)} left  ${rate}`));
      else this.show(`${Math.round((now - begun) / 1000)} s: ${rate}`);
    };
    this.#timer = setInterval(update, this.#isTerminal ? INTERVALS.bar : INTERVALS.line);
  }

  #bar(part: number, tail: string): string {
    const width = Math.max(0, Math.min(BAR, this.#width - tail.length - 3));
    const filled = Math.round(width * part);
    return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${tail}`;
  }

  /** Removes the bar. */
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
