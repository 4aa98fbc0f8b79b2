/** An engine of Debian's, in a process and a folder of its own. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { watch } from "../../scripts/processes/unhandled.ts";

/** Processes that are still there; none outlives this one. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Returns why tests of an engine are skipped: `false` if it is installed, or this is CI, where nobody
 * would notice.
 */
export function skipWithout(program: string): string | false {
  return existsSync(program) || process.env.CI ? false : `${program} is not installed`;
}

/** An engine that can be killed and started again at the same place. */
export class EngineProcess {
  /** Folder of the engine. */
  readonly folder: string;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #address: string | { port: number; host: string };
  #child: ChildProcess | undefined;

  private constructor(
    folder: string,
    program: string,
    args: readonly string[],
    address: string | { port: number; host: string },
  ) {
    this.folder = folder;
    this.#program = program;
    this.#args = args;
    this.#address = address;
  }

  /**
   * Starts an engine.
   *
   * @param argsIn Returns its arguments, given its folder.
   * @param addressIn Returns the path or the port on which it listens, given its folder.
   */
  static async start(
    program: string,
    argsIn: (folder: string) => readonly string[],
    addressIn: (folder: string) => string | { port: number; host: string },
  ): Promise<EngineProcess> {
    const folder = await mkdtemp(join(tmpdir(), "engine-"));
    const engine = new EngineProcess(folder, program, argsIn(folder), addressIn(folder));
    await engine.restart();
    return engine;
  }

  /** Ends the process as `kill -9` does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    running.delete(child);
  }

  /** Starts the process again, and waits until it listens. */
  async restart(): Promise<void> {
    const child = watch(spawn(this.#program, this.#args, { stdio: ["ignore", "ignore", "pipe"] }));
    this.#child = child;
    running.add(child);
    const last = Date.now() + 10_000;
    while (!await this.#listens()) {
      if (Date.now() > last) throw new Error(`Cannot start ${this.#program}: it does not listen`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Ends the engine, and deletes its folder. */
  async end(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #listens(): Promise<boolean> {
    const socket = typeof this.#address === "string"
      ? connect(this.#address)
      : connect(this.#address);
    try {
      await once(socket, "connect");
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}
