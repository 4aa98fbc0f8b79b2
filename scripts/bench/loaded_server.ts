/** A server, and a load process of its own: file limits are per process. @module */

import type { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import type { Runtime } from "../processes/runtime.ts";
import type { LoadRequest } from "./load.ts";
import type { LoadResult } from "./load_result.ts";
import { start, type Turn } from "./task.ts";

/** A started server under load. */
export class LoadedServer {
  readonly #server: Child;
  readonly #load: Child;
  readonly #port: number;

  private constructor(server: Child, load: Child, port: number) {
    this.#server = server;
    this.#load = load;
    this.#port = port;
  }

  /**
   * Starts a file of this folder as the server. Resolves once it listens.
   *
   * @param stack Gets both processes.
   */
  static async start(
    stack: AsyncDisposableStack,
    runtime: Runtime,
    file: string,
    ...args: readonly string[]
  ): Promise<LoadedServer> {
    const server = stack.use(start(runtime, file, ...args));
    const load = stack.use(start("node24", "load.ts"));
    const [{ port }] = await Promise.all([server.hear<{ port: number }>(), load.hear()]);
    return new LoadedServer(server, load, port);
  }

  /** Opens connections. Resolves with the number of their group. */
  open(count: number, deflate = false): Promise<number> {
    return this.#load.ask({ open: this.#port, count, deflate });
  }

  /** Resolves with the server's resident memory after garbage collection, in bytes. */
  async memory(): Promise<number> {
    return (await this.#server.ask<Cost>({ settled: true })).rss;
  }

  /** Runs the load. The cost is the server's CPU time for each message, in microseconds. */
  async run(request: LoadRequest): Promise<Turn> {
    const before = await this.#server.ask<Cost>({ settled: false });
    const { messages, ms } = await this.#load.ask<LoadResult>(request);
    const after = await this.#server.ask<Cost>({ settled: false });
    return { cost: (after.cpu - before.cpu) / messages, rate: messages / ms * 1000 };
  }
}
