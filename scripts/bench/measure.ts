/** Measures isosocket beside the bare API, in turns. @module */

import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command, type Runtime } from "../processes/runtime.ts";
import type { FanOut } from "./audience.ts";
import type { LoadRequest, LoadShape } from "./load.ts";
import type { LoadResult } from "./load_result.ts";

/** The same for the bare server and for isosocket's. */
export type BareAndOurs<T> = readonly [bare: T, ours: T];

/** Result of one turn of one server. */
export interface Turn {
  /** Number of messages per second. */
  readonly rate: number;
  /** CPU time of the server for each message, in microseconds. */
  readonly cpu: number;
}

/** Number and length of the turns. */
export interface Effort {
  /** Number of pairs of turns. */
  readonly rounds: number;
  /** Length of a turn, in milliseconds. */
  readonly ms: number;
  /** Length of the warm-up of each server, in milliseconds. */
  readonly warmUp: number;
}

/** Number of connections that carry messages. */
export const CONNECTIONS = 64;

/** Starts a file of this folder. If the runtime's name includes an engine, that is the last argument. */
export function start(runtime: Runtime, file: string, ...args: readonly string[]): Child {
  return new Child(command(runtime, new URL(file, import.meta.url), ...args));
}

/** Task of the servers: a folder of them; for "limits", isosocket's with and without limits. */
type Task = "." | "fan_out" | "limits";

/** The bare server and isosocket's, each with a load process of its own: file limits are per process. */
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
    const bare = `bare_${runtime.replace(/\d+|-tcp/, "")}.ts`;
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

  async turn(which: 0 | 1, request: LoadRequest): Promise<Turn> {
    const before = await this.cost(which);
    const result = await this.#loads[which].ask<LoadResult>(request);
    const after = await this.cost(which);
    return {
      rate: result.messages / result.ms * 1000,
      cpu: (after.cpu - before.cpu) / result.messages,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#servers, ...this.#loads].map((child) => child[Symbol.asyncDispose]()),
    );
  }
}

/** Measures both servers in turns. */
async function compare(
  runtime: Runtime,
  task: Task,
  connections: number,
  requestFor: (group: number, ms: number) => LoadRequest,
  { rounds, ms, warmUp }: Effort,
  onRound: (round: number) => void,
): Promise<BareAndOurs<Turn>[]> {
  await using contest = await Contest.begin(runtime, task);
  const groups = [
    await contest.open(0, connections),
    await contest.open(1, connections),
  ] as const;
  const turn = (which: 0 | 1, length = ms): Promise<Turn> =>
    contest.turn(which, requestFor(groups[which], length));
  await turn(0, warmUp);
  await turn(1, warmUp);
  const pairs: BareAndOurs<Turn>[] = [];
  while (pairs.length < rounds) {
    if (pairs.length % 2 === 0) pairs.push([await turn(0), await turn(1)]);
    else { // in reverse order, against a drift in time
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
 * @param onRound Called with the number of finished rounds.
 * @param task Compares with the bare server, or with isosocket's without limits and counts.
 */
export function measureSpeed(
  runtime: Runtime,
  shape: LoadShape,
  effort: Effort,
  onRound: (round: number) => void,
  task: "." | "limits" = ".",
): Promise<BareAndOurs<Turn>[]> {
  const requestFor = (run: number, ms: number): LoadRequest => ({ run, shape, ms });
  return compare(runtime, task, CONNECTIONS, requestFor, effort, onRound);
}

/**
 * Measures publishing to many subscribers.
 *
 * @param onRound Called with the number of finished rounds.
 */
export function measureFanOut(
  runtime: Runtime,
  shape: FanOut,
  effort: Effort,
  onRound: (round: number) => void,
): Promise<BareAndOurs<Turn>[]> {
  const requestFor = (gather: number, ms: number): LoadRequest => ({ gather, shape, ms });
  return compare(runtime, "fan_out", shape.subscribers, requestFor, effort, onRound);
}

/** Measures the resident memory of idle connections, in bytes for each. */
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
      // The first connections allocate code and buffers that exist once.
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
