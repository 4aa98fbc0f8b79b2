/** Measures isosocket beside the bare API, in turns. @module */

import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command, type Runtime } from "../processes/runtime.ts";
import type { FanOut } from "./audience.ts";
import type { LoadRequest, LoadShape } from "./load.ts";
import type { LoadResult } from "./load_result.ts";

/** The two servers that are compared. */
export type BareAndOurs<T> = readonly [bare: T, ours: T];

/** What one server did in one turn. */
export interface Turn {
  /** Messages per second. */
  readonly rate: number;
  /** CPU time of the server for each message, in microseconds. */
  readonly cpu: number;
}

/** How long, and how often. */
export interface Effort {
  /** Pairs of turns. */
  readonly rounds: number;
  /** The length of a turn, in milliseconds. */
  readonly ms: number;
  /** How long each server is warmed up, in milliseconds. */
  readonly warmUp: number;
}

/** Connections that carry messages. */
export const CONNECTIONS = 64;

/** Starts a file of this folder. If the runtime is one with an engine, its last argument is that. */
export function start(runtime: Runtime, file: string, ...args: readonly string[]): Child {
  return new Child(command(runtime, new URL(file, import.meta.url), ...args));
}

/** What the servers do: a folder of them. For "limits", ours stands beside itself without them. */
type Task = "." | "fan_out" | "limits";

/** The bare server and ours, started, each with a load of its own: files are limited by process. */
class Contest implements AsyncDisposable {
  readonly #servers: BareAndOurs<Child>;
  readonly #ports: BareAndOurs<number>;
  readonly #loads: BareAndOurs<Child>;

  private constructor(
    servers: BareAndOurs<Child>,
    ports: BareAndOurs<number>,
    loads: BareAndOurs<Child>,
  ) {
    this.#servers = servers;
    this.#ports = ports;
    this.#loads = loads;
  }

  static async begin(runtime: Runtime, task: Task): Promise<Contest> {
    const loads = [start("node24", "load.ts"), start("node24", "load.ts")] as const;
    const bare = `bare_${runtime.replace(/\d+|-ws/, "")}.ts`;
    const servers = task === "limits"
      ? [start(runtime, "unlimited.ts"), start(runtime, "isosocket.ts")] as const
      : [start(runtime, `${task}/${bare}`), start(runtime, `${task}/isosocket.ts`)] as const;
    const [{ port: a }, { port: b }] = await Promise.all([
      servers[0].hear<{ port: number }>(),
      servers[1].hear<{ port: number }>(),
      loads[0].hear(),
      loads[1].hear(),
    ]);
    return new Contest(servers, [a, b], loads);
  }

  open(which: 0 | 1, count: number): Promise<number> {
    return this.#loads[which].ask({ open: this.#ports[which], count });
  }

  close(which: 0 | 1, group: number): Promise<unknown> {
    return this.#loads[which].ask({ close: group });
  }

  cost(which: 0 | 1, settled = false): Promise<Cost> {
    return this.#servers[which].ask({ settled });
  }

  async turn(which: 0 | 1, order: LoadRequest): Promise<Turn> {
    const before = await this.cost(which);
    const ran = await this.#loads[which].ask<LoadResult>(order);
    const after = await this.cost(which);
    return {
      rate: ran.messages / ran.ms * 1000,
      cpu: (after.cpu - before.cpu) / ran.messages,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#servers, ...this.#loads].map((child) => child[Symbol.asyncDispose]()),
    );
  }
}

/** Lets both servers do the same in turns. */
async function compare(
  runtime: Runtime,
  task: Task,
  connections: number,
  order: (group: number, ms: number) => LoadRequest,
  { rounds, ms, warmUp }: Effort,
  onRound: (round: number) => void,
): Promise<BareAndOurs<Turn>[]> {
  await using contest = await Contest.begin(runtime, task);
  const groups = [
    await contest.open(0, connections),
    await contest.open(1, connections),
  ] as const;
  const turn = (which: 0 | 1, length = ms): Promise<Turn> =>
    contest.turn(which, order(groups[which], length));
  await turn(0, warmUp);
  await turn(1, warmUp);
  const pairs: BareAndOurs<Turn>[] = [];
  while (pairs.length < rounds) {
    if (pairs.length % 2 === 0) pairs.push([await turn(0), await turn(1)]);
    else { // the other way round, for what grows or shrinks meanwhile
      const ours = await turn(1);
      pairs.push([await turn(0), ours]);
    }
    onRound(pairs.length);
  }
  return pairs;
}

/**
 * Measures the speed of echoing.
 *
 * @param onRound Told how many rounds are over.
 * @param task Beside the bare server, or beside ours without limits and counts.
 */
export function measureSpeed(
  runtime: Runtime,
  shape: LoadShape,
  effort: Effort,
  onRound: (round: number) => void,
  task: "." | "limits" = ".",
): Promise<BareAndOurs<Turn>[]> {
  const order = (run: number, ms: number): LoadRequest => ({ run, shape, ms });
  return compare(runtime, task, CONNECTIONS, order, effort, onRound);
}

/**
 * Measures what it takes to send the same to many.
 *
 * @param onRound Told how many rounds are over.
 */
export function measureFanOut(
  runtime: Runtime,
  shape: FanOut,
  effort: Effort,
  onRound: (round: number) => void,
): Promise<BareAndOurs<Turn>[]> {
  const order = (gather: number, ms: number): LoadRequest => ({ gather, shape, ms });
  return compare(runtime, "fan_out", shape.subscribers, order, effort, onRound);
}

/** Measures what idle connections add to the resident memory: bytes for each of them. */
export async function measureMemory(
  runtime: Runtime,
  connections: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<BareAndOurs<number>[]> {
  const pairs: BareAndOurs<number>[] = [];
  while (pairs.length < rounds) {
    await using contest = await Contest.begin(runtime, ".");
    const each = async (which: 0 | 1): Promise<number> => {
      // The first connections bring code and buffers that are there once.
      await contest.close(which, await contest.open(which, CONNECTIONS));
      const before = await contest.cost(which, true);
      const group = await contest.open(which, connections);
      const after = await contest.cost(which, true);
      await contest.close(which, group);
      return (after.rss - before.rss) / connections;
    };
    pairs.push([await each(0), await each(1)]);
    onRound(pairs.length);
  }
  return pairs;
}
