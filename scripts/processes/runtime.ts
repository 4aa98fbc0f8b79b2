/** Runtimes that scripts start, and their commands. @module */

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Names of the runtimes; with `-tcp`, isosocket uses that engine. */
export const RUNTIMES = [
  "deno",
  "deno-tcp",
  "bun",
  "bun-tcp",
  "node22",
  "node24",
  "node26",
] as const;

/** Name of a runtime. */
export type Runtime = typeof RUNTIMES[number];

/** Returns the executable in `scripts/node_modules`; if there is none, its name for the system. */
function executable(place: Runtime): string {
  const runtime = place.replace("-tcp", "");
  const file = runtime === "deno"
    ? "deno/deno"
    : runtime === "bun"
    ? "bun/bin/bun.exe"
    : `${runtime}/bin/node`;
  const installed = fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url));
  if (existsSync(installed)) return installed;
  if (runtime === "node24" && !("Deno" in globalThis || "Bun" in globalThis)) {
    return process.execPath;
  }
  return runtime.replace(/\d+/, "");
}

/**
 * Returns the command that runs a file, with access to the garbage collector. If the runtime's name
 * includes an engine, that is the last argument.
 *
 * @param file URL of a module.
 */
export function command(runtime: Runtime, file: URL, ...args: readonly string[]): string[] {
  const flags = runtime.startsWith("deno")
    ? ["run", "-A", "--v8-flags=--expose-gc"]
    : runtime.startsWith("bun")
    ? []
    : ["--expose-gc"];
  const engine = runtime.endsWith("-tcp") ? ["tcp"] : [];
  return [executable(runtime), ...flags, fileURLToPath(file), ...args, ...engine];
}
