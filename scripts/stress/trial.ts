/** One scenario on one runtime: its settings, and its findings. @module */

import type { Runtime } from "../processes/runtime.ts";

/** Settings of a run. */
export interface Settings {
  /** Runtime of the server. */
  readonly runtime: Runtime;
  /** Engine of the server's sockets. */
  readonly engine: "native" | "tcp";
  /** Length of a scenario that runs for a time, in seconds; `undefined` for its default. */
  readonly seconds: number | undefined;
  /** Seed of random numbers. */
  readonly seed: number;
  /** Whether to use a tenth of the connections, and less time. */
  readonly quick: boolean;
  /** Number of the only exchange of a fuzzer to play. */
  readonly exchange?: number | undefined;
  /** Entries of the server to use; `undefined` for all. */
  readonly entries?: readonly string[] | undefined;
}

/** A bound, and whether it held. */
export interface Finding {
  /** Measured quantity. */
  readonly what: string;
  /** Bound, in words. */
  readonly bound: string;
  /** Result, in words. */
  readonly measured: string;
  /** Whether it held. */
  readonly held: boolean;
}

/** The scenario cannot run here: the message says why, and what would help. */
export class Unable extends Error {}

/** A running scenario. */
export class Trial {
  /** Runtime of the server. */
  readonly runtime: Runtime;
  /** Engine of the server's sockets. */
  readonly engine: Settings["engine"];
  /** Seed of random numbers. */
  readonly seed: number;
  /** Whether to use a tenth of the connections, and less time. */
  readonly quick: boolean;
  /** Number of the only exchange of a fuzzer to play. */
  readonly exchange: number | undefined;
  /** Entries of the server to use; `undefined` for all. */
  readonly entries: readonly string[] | undefined;
  /** Reports progress. */
  readonly progress: (what: string) => void;
  readonly #seconds: number | undefined;
  readonly #found: (finding: Finding) => void;

  /** Makes a trial with callbacks for its progress and its findings. */
  constructor(
    settings: Settings,
    progress: (what: string) => void,
    found: (finding: Finding) => void,
  ) {
    this.runtime = settings.runtime;
    this.engine = settings.engine;
    this.seed = settings.seed;
    this.quick = settings.quick;
    this.exchange = settings.exchange;
    this.entries = settings.entries;
    this.progress = progress;
    this.#seconds = settings.seconds;
    this.#found = found;
  }

  /** Returns the number of connections or messages: a tenth of `full`, if it is quick. */
  count(full: number): number {
    return this.quick ? Math.ceil(full / 10) : full;
  }

  /** Returns the length of a scenario in milliseconds; the parameters are its defaults in seconds. */
  time(full: number, quick: number): number {
    return (this.#seconds ?? (this.quick ? quick : full)) * 1000;
  }

  /** Reports a finding. */
  found(what: string, bound: string, measured: string, held: boolean): void {
    this.#found({ what, bound, measured, held });
  }

  /** Reports whether a number equals another. */
  foundEqual(what: string, wanted: number, measured: number): void {
    this.found(what, `= ${figure(wanted)}`, figure(measured), wanted === measured);
  }

  /** Reports whether a number is at most another. */
  foundAtMost(what: string, most: number, measured: number, unit = ""): void {
    this.found(what, `≤ ${figure(most)}${unit}`, `${figure(measured)}${unit}`, measured <= most);
  }
}

/** An attack on a server. */
export interface Scenario {
  /** Description, in a line. */
  readonly about: string;
  /** Maximum number of concurrent connections. */
  readonly connections: number;
  /** Runs it. */
  run(trial: Trial): Promise<void>;
}

/** Formats a number. */
export function figure(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** Formats a number of bytes. */
export function mebibytes(bytes: number): string {
  return `${figure(bytes / 1024 / 1024)} MiB`;
}
