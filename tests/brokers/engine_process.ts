/** An engine of Debian's, in a process and a folder of its own. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
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

/** Where an engine listens: a path, or a port of this machine. */
export type Address = string | number;

/** An engine that can be killed and started again at the same place. */
export class EngineProcess {
  /** Folder of the engine. */
  readonly folder: string;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #addressOf: (pid: number) => Address | undefined;
  #child: ChildProcess | undefined;

  private constructor(
    folder: string,
    program: string,
    args: readonly string[],
    addressOf: (pid: number) => Address | undefined,
  ) {
    this.folder = folder;
    this.#program = program;
    this.#args = args;
    this.#addressOf = addressOf;
  }

  /**
   * Starts an engine.
   *
   * @param argsIn Returns its arguments, given its folder.
   * @param addressIn Returns where it listens, given its folder and process, or `undefined` as long as
   * that is not known.
   * @param prepare Puts into its folder what it needs.
   */
  static async start(
    program: string,
    argsIn: (folder: string) => readonly string[],
    addressIn: (folder: string, pid: number) => Address | undefined,
    prepare: (folder: string) => Promise<void> = async () => {},
  ): Promise<EngineProcess> {
    const folder = await mkdtemp(join(tmpdir(), "engine-"));
    await prepare(folder);
    const engine = new EngineProcess(
      folder,
      program,
      argsIn(folder),
      (pid) => addressIn(folder, pid),
    );
    await engine.restart();
    return engine;
  }

  /** Where it listens, if that is known. */
  get address(): Address | undefined {
    return this.#addressOf(this.#child!.pid!);
  }

  /** Ends the process as `kill -9` does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || this.#hasEnded()) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    running.delete(child);
  }

  /** Starts the process again, and waits until it listens. */
  async restart(): Promise<void> {
    const last = Date.now() + 10_000;
    this.#spawn();
    while (!await this.#listens()) {
      if (Date.now() > last) throw new Error(`Cannot start ${this.#program}: it does not listen`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (this.#hasEnded()) this.#spawn(); // PostgreSQL does not start while the killed one has children
    }
  }

  /** Ends the engine, and deletes its folder. */
  async end(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(): void {
    if (this.#child !== undefined) running.delete(this.#child);
    const child = watch(spawn(this.#program, this.#args, { stdio: ["ignore", "ignore", "pipe"] }));
    this.#child = child;
    running.add(child);
  }

  #hasEnded(): boolean {
    return this.#child!.exitCode !== null || this.#child!.signalCode !== null;
  }

  async #listens(): Promise<boolean> {
    const { address } = this;
    if (address === undefined) return false;
    const socket = connectTo(address);
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

/** Makes a connection with an engine. */
export function connectTo(address: Address): Socket {
  return typeof address === "string" ? connect(address) : connect(address, "127.0.0.1");
}
