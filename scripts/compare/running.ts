/** Servers of a comparison, as processes on a runtime. @module */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A runtime that servers are tried on. */
export type Runtime = "Deno" | "Bun" | "Node";

/** Runtimes that servers are tried on, in the order of the README. */
export const RUNTIMES: readonly Runtime[] = ["Deno", "Bun", "Node"];

/** What a server has printed. */
export interface Happened {
  readonly port?: number;
  readonly unsupported?: string;
  readonly kind?: string;
  readonly code?: number;
  readonly reason?: string;
}

/** A server of another package, or of this one. */
export interface Running extends Disposable {
  readonly port: number;
  /** Whether its process lives. */
  readonly lives: boolean;
  readonly child: ChildProcess;
  /** Resolves with the next line in which something is, or with `undefined` after a second. */
  next(wanted: (happened: Happened) => boolean): Promise<Happened | undefined>;
}

/** ms in which a server has to start, and to print. */
const PATIENCE = { start: 20_000, print: 2_000 };

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Returns the command that runs a program on a runtime. */
function commandOf(runtime: Runtime): [file: string, args: readonly string[]] {
  switch (runtime) {
    case "Deno":
      return [path("../node_modules/deno/deno"), [
        "run",
        "-A",
        "--no-config",
        "--node-modules-dir=manual",
        "--no-check",
        "--quiet",
      ]];
    case "Bun":
      return [path("../node_modules/bun/bin/bun.exe"), []];
    case "Node":
      return [process.execPath, []];
  }
}

/** Starts a package's server; resolves with `undefined` if the package does not run there. */
export async function start(name: string, runtime: Runtime): Promise<Running | undefined> {
  const [file, args] = commandOf(runtime);
  const child = spawn(file, [...args, path(`./servers/${name}.mjs`)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let lives = true;
  const seen: Happened[] = [];
  let wake = (): void => {};
  child.on("exit", () => {
    lives = false;
    wake();
  });
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.startsWith("{")) seen.push(JSON.parse(line));
    wake();
  });

  async function next(
    wanted: (happened: Happened) => boolean,
    patience = PATIENCE.print,
  ): Promise<Happened | undefined> {
    const until = performance.now() + patience;
    for (;;) {
      const index = seen.findIndex(wanted);
      if (index >= 0) return seen.splice(index, 1)[0];
      const left = until - performance.now();
      if (left <= 0 || !lives) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => (clearTimeout(timer), resolve());
      });
    }
  }

  const { port } =
    await next(({ port, unsupported }) => (port ?? unsupported) !== undefined, PATIENCE.start) ??
      {};
  if (port === undefined) {
    child.kill("SIGKILL");
    return undefined;
  }
  return {
    port,
    child,
    get lives() {
      return lives;
    },
    next,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}
