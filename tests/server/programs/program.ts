/** Starts programs of the tests, each in a process of its own, under the runtime that runs the test. @module */

import process from "node:process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { type Running, start } from "../../cli/command.ts";

const started: Running[] = [];
after(() => started.forEach((it) => it.kill("SIGKILL")));

/**
 * Starts a program.
 *
 * @param name Its file in this folder.
 * @param how Flags for Deno, and variables of its environment.
 */
export function run(
  name: string,
  args: readonly string[] = [],
  how: { denoFlags?: string[]; env?: Record<string, string> } = {},
): Running {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check", ...how.denoFlags ?? []] : [];
  const running = start(args, [process.execPath, [...flags, file]], how.env);
  started.push(running);
  return running;
}
