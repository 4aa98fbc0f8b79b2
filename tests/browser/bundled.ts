/** A module of the tests, and all that it imports, as one script for a page. @module */

import { tool } from "./browsers.ts";

/** Bundles a module that stands beside this one. */
export async function bundled(name: string): Promise<string> {
  const { build } = await tool<{
    build(options: object): Promise<{ outputFiles: { text: string }[] }>;
  }>("esbuild/lib/main.js");
  const here = (path: string): string => new URL(path, import.meta.url).pathname;
  const { outputFiles: [script] } = await build({
    entryPoints: [here(name)],
    alias: { "node:assert/strict": here("assert.ts"), "node:test": here("page_tests.ts") },
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return script!.text;
}
