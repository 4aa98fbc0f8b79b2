/** Starts programs of the tests, each in a process of its own, under the runtime that runs the test. @module */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Running, start } from "../../cli/command.ts";

const started: Running[] = [];

/** Ends all programs: at the end of each file of tests that has some. */
export function killAll(): void {
  for (const program of started) program.kill("SIGKILL");
}

/**
 * Starts a program. {@linkcode killAll} belongs to it.
 *
 * @param name Its file in this folder.
 * @param how Flags for Deno, variables of its environment, and the number of descriptors that it may
 * have open.
 */
export function run(
  name: string,
  args: readonly string[] = [],
  how: { denoFlags?: string[]; env?: Record<string, string>; descriptors?: number } = {},
): Running {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check", ...how.denoFlags ?? []] : [];
  const limited = ["-c", `ulimit -n ${how.descriptors} && exec "$0" "$@"`, process.execPath];
  const running = how.descriptors === undefined
    ? start(args, [process.execPath, [...flags, file]], how.env)
    : start(args, ["sh", [...limited, ...flags, file]], how.env);
  started.push(running);
  return running;
}
