/** Cost of a process. @module */

import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";

declare const Bun: { gc(force: boolean): void };

/** Collects garbage as thoroughly as the runtime can. V8 needs `--expose-gc`. */
async function collect(): Promise<void> {
  const { gc } = globalThis as unknown as {
    gc?: (options?: object) => unknown;
  };
  if (gc === undefined) Bun.gc(true);
  else await gc({ execution: "async", flavor: "last-resort" });
}

/** Collects garbage until the process stops shrinking. */
async function settle(): Promise<void> {
  let smallest = Infinity;
  for (let patience = 5; patience > 0; patience--) {
    await collect();
    await wait(100); // allocators return pages a little later
    const { rss } = process.memoryUsage();
    if (rss > smallest * 0.998) continue;
    smallest = rss;
    patience = 5;
  }
}

/** Cost of a process, as {@linkcode cost} returns it. */
export interface Cost {
  /** CPU time of the whole process so far, user and system, in microseconds. */
  readonly cpu: number;
  /** Resident memory, in bytes. */
  readonly rss: number;
}

/** Resolves with the cost of this process: after garbage collection, if `settled`. */
export async function cost(settled: boolean): Promise<Cost> {
  if (settled) await settle();
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, rss: process.memoryUsage().rss };
}
