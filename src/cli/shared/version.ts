/** Versions of this package and of the runtime. @module */

import process from "node:process";

/** Version of this package. A test checks that it is the one in `deno.json`. */
export const VERSION = "0.1.0";

/** Returns name and version of the runtime. */
export function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  return deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
}
