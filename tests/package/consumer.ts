/** The project that has the package installed, and how tools are set on it. @module */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

function told(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`Cannot try the package: ${name} is not set, as "npm test package" does`);
  }
  return value;
}

/** The package, as it is published. */
export const tarball: string = told("ISOSOCKET_TARBALL");

/** A project that has it installed, and nothing else. */
export const consumer: string = told("ISOSOCKET_CONSUMER");

/** Where an installed tool is. */
export function tool(path: string): string {
  return join(ROOT, "scripts/node_modules", path);
}

const doors = Object.keys(deno.exports).filter((door) => door !== "./cli")
  .map((door, i) => [`door${i}`, door.replace(".", "isosocket")] as const);

/** A program that imports every door. */
export const IMPORTS: string = doors.map(([name, door]) =>
  `import * as ${name} from "${door}";\nvoid ${name};\n`
).join("");

/** One that takes them by require(), as TypeScript writes it. */
export const REQUIRES: string = doors.map(([name, door]) =>
  `import ${name} = require("${door}");\nvoid ${name};\n`
).join("");

/** How to call each runtime, by its name. */
export const runtimes: Readonly<Record<string, readonly string[]>> = {
  "Node 20": [told("ISOSOCKET_NODE20")],
  "Node 22": [tool("node22/bin/node")],
  "Node 24": [tool("node24/bin/node")],
  "Node 26": [tool("node26/bin/node")],
  Bun: [tool("bun/bin/bun.exe")],
  Deno: [tool(".bin/deno"), "run", "-A", "--quiet"],
};

/** Why a runtime is not tried; where nobody looks, a missing one is a failure. */
export function whyNot(runtime: string): string | false {
  const [command] = runtimes[runtime]!;
  return existsSync(command!) || process.env["CI"] ? false : `There is no ${command}`;
}

/** How a command ended, and all that it printed. */
export interface Ended {
  /** 0 if all is well. */
  readonly status: number;
  /** What it printed. */
  readonly output: string;
}

/** Runs a command to its end, for a minute at most. */
export function run(
  [command, ...args]: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more };
  return new Promise((resolve) => {
    execFile(command!, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const status = typeof error?.code === "number" ? error.code : error === null ? 0 : 1;
      const why = error !== null && typeof error.code !== "number" ? `\n${error.message}` : "";
      resolve({ status, output: `${stdout}${stderr}${why}` });
    });
  });
}
