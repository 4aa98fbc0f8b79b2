/** Measures isosocket beside the bare API, in turns. @module */

import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command, type Runtime } from "../processes/runtime.ts";
import type { Ran, Shape } from "./load.ts";

/** The two servers that are compared. */
export type Pair<T> = readonly [bare: T, ours: T];

/** What one server did in one turn. */
export interface Turn {
  /** Messages per second, there and back. */
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

function start(runtime: Runtime, file: string): Child {
  return new Child(command(runtime, new URL(file, import.meta.url)));
}

/** The bare server and ours, started, with the load that they share. */
class Contest implements AsyncDisposable {
  readonly #servers: Pair<Child>;
  readonly #ports: Pair<number>;
  readonly #load: Child;

  private constructor(servers: Pair<Child>, ports: Pair<number>, load: Child) {
    this.#servers = servers;
    this.#ports = ports;
    this.#load = load;
  }

  static async begin(runtime: Runtime): Promise<Contest> {
    const load = start("node24", "load.ts");
    await load.hear();
    const bare = `bare_${runtime.replace(/\d+/, "")}.ts`;
    const servers = [
      start(runtime, bare),
      start(runtime, "isosocket.ts"),
    ] as const;
    const [{ port: a }, { port: b }] = await Promise.all([
      servers[0].hear<{ port: number }>(),
      servers[1].hear<{ port: number }>(),
    ]);
    return new Contest(servers, [a, b], load);
  }

  open(which: 0 | 1, count: number): Promise<number> {
    return this.#load.ask({ open: this.#ports[which], count });
  }

  close(group: number): Promise<unknown> {
    return this.#load.ask({ close: group });
  }

  cost(which: 0 | 1, settled = false): Promise<Cost> {
    return this.#servers[which].ask({ settled });
  }

  async turn(
    which: 0 | 1,
    group: number,
    shape: Shape,
    ms: number,
  ): Promise<Turn> {
    const before = await this.cost(which);
    const ran = await this.#load.ask<Ran>({ run: group, shape, ms });
    const after = await this.cost(which);
    return {
      rate: ran.messages / ran.ms * 1000,
      cpu: (after.cpu - before.cpu) / ran.messages,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#servers, this.#load].map((child) => child[Symbol.asyncDispose]()),
    );
  }
}

/**
 * Measures the speed of echoing.
 *
 * @param onRound Told how many rounds are over.
 */
export async function measureSpeed(
  runtime: Runtime,
  shape: Shape,
  { rounds, ms, warmUp }: Effort,
  onRound: (round: number) => void,
): Promise<Pair<Turn>[]> {
  await using contest = await Contest.begin(runtime);
  const groups = [
    await contest.open(0, CONNECTIONS),
    await contest.open(1, CONNECTIONS),
  ] as const;
  const turn = (which: 0 | 1, length = ms): Promise<Turn> =>
    contest.turn(which, groups[which], shape, length);
  await turn(0, warmUp);
  await turn(1, warmUp);
  const pairs: Pair<Turn>[] = [];
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

/** Measures what idle connections add to the resident memory: bytes for each of them. */
export async function measureMemory(
  runtime: Runtime,
  connections: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<Pair<number>[]> {
  const pairs: Pair<number>[] = [];
  while (pairs.length < rounds) {
    await using contest = await Contest.begin(runtime);
    const each = async (which: 0 | 1): Promise<number> => {
      // The first connections bring code and buffers that are there once.
      await contest.close(await contest.open(which, CONNECTIONS));
      const before = await contest.cost(which, true);
      const group = await contest.open(which, connections);
      const after = await contest.cost(which, true);
      await contest.close(group);
      return (after.rss - before.rss) / connections;
    };
    pairs.push([await each(0), await each(1)]);
    onRound(pairs.length);
  }
  return pairs;
}
