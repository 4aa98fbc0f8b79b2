/** The runtimes that scripts start, and how. @module */

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** All of them; with `-ws`, what is ours goes by that engine. */
export const RUNTIMES = [
  "deno",
  "deno-ws",
  "bun",
  "bun-ws",
  "node22",
  "node24",
  "node26",
] as const;

/** One of them. */
export type Runtime = typeof RUNTIMES[number];

/** The executable that `scripts/node_modules` has, or else what the system finds by that name. */
function executable(place: Runtime): string {
  const runtime = place.replace("-ws", "");
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
 * The command that runs a file. Garbage can be collected at will there. If the runtime is one with an
 * engine, the last argument is that.
 *
 * @param file The address of a module.
 */
export function command(runtime: Runtime, file: URL, ...args: readonly string[]): string[] {
  const flags = runtime.startsWith("deno")
    ? ["run", "-A", "--v8-flags=--expose-gc"]
    : runtime.startsWith("bun")
    ? []
    : ["--expose-gc"];
  const engine = runtime.endsWith("-ws") ? ["ws"] : [];
  return [executable(runtime), ...flags, fileURLToPath(file), ...args, ...engine];
}
