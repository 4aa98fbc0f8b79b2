/** What candidates do in their turns. @module */

import { Child } from "../processes/child.ts";
import { command, type Runtime } from "../processes/runtime.ts";

/** Measurements that `--only` selects. */
export const PARTS = ["speed", "limits", "fan-out", "memory", "clients", "import"] as const;

/** Name of a kind of measurement. */
export type Part = typeof PARTS[number];

/** A program that takes turns with others. */
export interface Candidate {
  /** Name in the table. */
  readonly name: string;
  /** Name of its file, without its folder and extension. */
  readonly program: string;
  /** Its runtime. Default: the one of the contest. */
  readonly runtime?: Runtime;
}

/** Result of one turn. */
export interface Turn {
  /** Cost, in the unit of the task; CPU time is for each message. */
  readonly cost: number;
  /** Number of messages per second, where messages are sent. */
  readonly rate?: number;
  /** What must not have happened, in words: the aim is missed, whatever the cost. */
  readonly fault?: string;
}

/** Number and length of the turns. */
export interface Effort {
  /** Number of turns of each candidate. */
  readonly rounds: number;
  /** Length of a turn, in milliseconds. */
  readonly ms: number;
  /** Length of the warm-up of each candidate, in milliseconds; 0 for none. */
  readonly warmUp: number;
}

/** Lets a candidate work for some milliseconds, or as long as its task takes. */
export type TakeTurn = (ms: number) => Promise<Turn>;

/** A task for all candidates of a contest. */
export interface Task {
  /** Part to which it belongs. */
  readonly part: Part;
  /** Title in the table. */
  readonly title: string;
  /** Unit of its costs: CPU time for each message, memory for each connection, or time. */
  readonly unit: "µs" | "kB" | "ms";
  /** What aims are for: the cost, or messages per second. */
  readonly judgedBy: "cost" | "rate";
  /** Adapts the effort. */
  effort?(effort: Effort): Effort;
  /**
   * Starts a candidate.
   *
   * @param stack Gets the processes, which end with the contest.
   */
  enter(candidate: Candidate, runtime: Runtime, stack: AsyncDisposableStack): Promise<TakeTurn>;
}

/** Starts a file of this folder. If the runtime's name includes an engine, that is the last argument. */
export function start(runtime: Runtime, file: string, ...args: readonly string[]): Child {
  return new Child(command(runtime, new URL(file, import.meta.url), ...args));
}

/** Formats a number of bytes. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  return size < 1024 ** 2 ? `${size / 1024} KiB` : `${size / 1024 ** 2} MiB`;
}
