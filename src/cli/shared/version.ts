/** Which version of what runs: this package, and the runtime. @module */

import process from "node:process";

/** The version of this package: the same as in `deno.json`, which a test checks. */
export const VERSION = "0.1.0";

/** The runtime that this is, and its version. */
export function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  return deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
}
