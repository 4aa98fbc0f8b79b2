/** The project in which the package is installed, and functions that run tools on it. @module */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`Cannot try the package: ${name} is not set, as "npm test package" does`);
  }
  return value;
}

/** Path of the tarball that is published. */
export const tarball: string = required("ISOSOCKET_TARBALL");

/** Folder of a project in which only the package is installed. */
export const consumer: string = required("ISOSOCKET_CONSUMER");

/** Returns the path of an installed tool. */
export function tool(path: string): string {
  return join(ROOT, "scripts/node_modules", path);
}

const entryPoints = Object.keys(deno.exports).filter((path) => path !== "./cli")
  .map((path, i) => [`module${i}`, path.replace(".", "isosocket")] as const);

/** Program that imports every entry point. */
export const IMPORTS: string = entryPoints.map(([name, specifier]) =>
  `import * as ${name} from "${specifier}";\nvoid ${name};\n`
).join("");

/** Program that imports every entry point by require(), in TypeScript's syntax. */
export const REQUIRES: string = entryPoints.map(([name, specifier]) =>
  `import ${name} = require("${specifier}");\nvoid ${name};\n`
).join("");

/** Command of each runtime, by its name. */
export const runtimes: Readonly<Record<string, readonly string[]>> = {
  "Node 20": [required("ISOSOCKET_NODE20")],
  "Node 22": [tool("node22/bin/node")],
  "Node 24": [tool("node24/bin/node")],
  "Node 26": [tool("node26/bin/node")],
  Bun: [tool("bun/bin/bun.exe")],
  Deno: [tool(".bin/deno"), "run", "-A", "--quiet"],
};

/** Returns why a runtime is skipped; `false` in CI, where a missing one is a failure. */
export function whyNot(runtime: string): string | false {
  const [command] = runtimes[runtime]!;
  return existsSync(command!) || process.env["CI"] ? false : `There is no ${command}`;
}

/** Result of a command. */
export interface CommandResult {
  /** Exit code; 1 if there is none. */
  readonly status: number;
  /** Output on stdout and stderr. */
  readonly output: string;
}

/** Runs a command to its end, for at most a minute or as long as is said. */
export function run(
  [command, ...args]: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
  timeout = 60_000,
): Promise<CommandResult> {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more };
  return new Promise((resolve) => {
    execFile(command!, args, { cwd, env, timeout }, (error, stdout, stderr) => {
      const status = typeof error?.code === "number" ? error.code : error === null ? 0 : 1;
      const why = error !== null && typeof error.code !== "number" ? `\n${error.message}` : "";
      resolve({ status, output: `${stdout}${stderr}${why}` });
    });
  });
}
