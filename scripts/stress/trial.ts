/** One scenario on one runtime: what it is given, and what it finds. @module */

import type { Runtime } from "../processes/runtime.ts";

/** What a run is told. */
export interface Settings {
  /** Where the server runs. */
  readonly runtime: Runtime;
  /** What carries the server's sockets: the runtime itself, or `ws` there too. */
  readonly engine: "native" | "ws";
  /** How long what takes its time takes, in seconds; `undefined` for the scenario's own idea. */
  readonly seconds: number | undefined;
  /** Where chance begins. */
  readonly seed: number;
  /** A tenth of the connections, and less time. */
  readonly quick: boolean;
  /** The one exchange of a fuzzer that is to be played, alone. */
  readonly exchange?: number | undefined;
  /** The entries of a server that are tried; `undefined` for all. */
  readonly entries?: readonly string[] | undefined;
}

/** One thing that had to hold. */
export interface Finding {
  /** What. */
  readonly what: string;
  /** Within which bound. */
  readonly bound: string;
  /** What it was. */
  readonly measured: string;
  /** Whether it held. */
  readonly held: boolean;
}

/** A scenario that cannot be tried here: the message says why, and what would help. */
export class Unable extends Error {}

/** A scenario at work. */
export class Trial {
  /** Where the server runs. */
  readonly runtime: Runtime;
  /** What carries the server's sockets. */
  readonly engine: Settings["engine"];
  /** Where chance begins. */
  readonly seed: number;
  /** A tenth of the connections, and less time. */
  readonly quick: boolean;
  /** The one exchange of a fuzzer that is to be played, alone. */
  readonly exchange: number | undefined;
  /** The entries of a server that are tried; `undefined` for all. */
  readonly entries: readonly string[] | undefined;
  /** Tells what is being done. */
  readonly progress: (what: string) => void;
  readonly #seconds: number | undefined;
  readonly #found: (finding: Finding) => void;

  /** Takes the settings, and where to tell what happens. */
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

  /** How many connections or messages, of so many. */
  count(full: number): number {
    return this.quick ? Math.ceil(full / 10) : full;
  }

  /** ms: how long, where it is so many seconds by itself. */
  time(full: number, quick: number): number {
    return (this.#seconds ?? (this.quick ? quick : full)) * 1000;
  }

  /** Says that something had to hold, and if it did. */
  found(what: string, bound: string, measured: string, held: boolean): void {
    this.#found({ what, bound, measured, held });
  }

  /** Says that a number had to be another. */
  foundEqual(what: string, wanted: number, measured: number): void {
    this.found(what, `= ${figure(wanted)}`, figure(measured), wanted === measured);
  }

  /** Says that a number had to be at most another. */
  foundAtMost(what: string, most: number, measured: number, unit = ""): void {
    this.found(what, `≤ ${figure(most)}${unit}`, `${figure(measured)}${unit}`, measured <= most);
  }
}

/** One way to attack a server. */
export interface Scenario {
  /** What it is, in a line. */
  readonly about: string;
  /** The most connections that it has at a time. */
  readonly connections: number;
  /** Does it. */
  run(trial: Trial): Promise<void>;
}

/** A number for people. */
export function figure(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  return `${figure(bytes / 1024 / 1024)} MiB`;
}
