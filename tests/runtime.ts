/** Which runtime runs the tests. @module */

import process from "node:process";

/** For instance `"deno"`, `"bun"`, `"node 22"`. */
export const runtime: string = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : `node ${process.versions.node.split(".")[0]}`;
