// Runs the command, with the runtime that runs the test.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";

/** Result of a run. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run under way. */
export interface Running {
  /** Returns the output so far. */
  readonly stdout: () => string;
  /** Resolves with the first match in the output; rejects if the run ends without one. */
  printed(pattern: RegExp, on?: "stdout" | "stderr"): Promise<string>;
  /** Sends a signal, if the run has not ended. */
  kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>;
}

/** A server that listens. */
export interface Serving extends Running {
  /** Address of the page, for instance `http://127.0.0.1:40000/`. */
  readonly url: string;
}

/** The built command, for runtimes that cannot run the source: Node strips types since 22.18. */
const built = process.env.ISOSOCKET_CLI;
const source = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Reason to skip tests of the command; `false` if it can run. */
export const skip: string | false =
  built === undefined && (major < 22 || (major === 22 && minor < 18))
    ? "this Node cannot run the source, and ISOSOCKET_CLI names no built command"
    : false;

/** Returns the program and the arguments with which a runtime runs the command. */
export function commandLine(execPath: string, isDeno: boolean): [string, string[]] {
  return [execPath, isDeno ? ["run", "-A", source] : [built ?? source]];
}

/** Program and arguments with which this runtime runs the command. */
export const here = commandLine(process.execPath, "Deno" in globalThis);

/**
 * Starts the command, or another one.
 *
 * @param input Input on stdin; without it, stdin is not a pipe.
 */
export function start(
  args: readonly string[],
  [file, before] = here,
  env: Readonly<Record<string, string>> = {},
  input?: string | Uint8Array,
): Running {
  const child = watch(spawn(file, [...before, ...args], {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  }));
  child.stdin?.on("error", () => {}).end(input); // it may end without reading
  const text = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      for (const look of waiting) look();
    });
  }
  let hasEnded = false;
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code: number | null) => {
      hasEnded = true;
      resolve({ code, ...text });
    });
  });
  return {
    stdout: () => text.stdout,
    printed: (pattern, on = "stdout") =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text[on]);
          if (match === null) return;
          waiting.delete(look);
          resolve(match[0]);
        };
        waiting.add(look);
        look();
        ended.then(({ stdout, stderr }) =>
          reject(new Error(`Ended without ${pattern}: ${stdout}${stderr}`))
        );
      }),
    // Not child.kill(): after that, Deno reports the signal whatever the exit code was.
    kill: (signal) => {
      if (!hasEnded) process.kill(child.pid!, signal);
    },
    ended,
  };
}

/** Runs the command to its end. */
export function run(...args: string[]): Promise<Ended> {
  return start(args).ended;
}

/** Runs the command to its end, with input on stdin. */
export function pipe(input: string | Uint8Array, ...args: string[]): Promise<Ended> {
  return start(args, here, {}, input).ended;
}

/** Starts `isosocket serve` on a free port. */
export async function serving(args: readonly string[] = [], command = here): Promise<Serving> {
  const running = start(["serve", "--port", "0", ...args], command);
  const url = await running.printed(/https?:\S+/);
  return { ...running, url };
}

/**
 * Runs a test with `isosocket serve`, then stops it.
 *
 * @throws {Error} If the command has printed an error, or ends with another code than 0.
 */
export async function withServing(
  args: readonly string[],
  use: (server: Serving) => Promise<void>,
): Promise<void> {
  const server = await serving(args);
  try {
    await use(server);
  } finally {
    server.kill("SIGTERM");
    const { code, stderr } = await server.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  }
}
