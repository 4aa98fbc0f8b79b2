/** Pages whose script is a module of the tests. @module */

import { tool } from "./browsers.ts";

/** Files of a page, by path: content type and text of each. */
export type PageFiles = Readonly<Record<string, readonly [type: string, text: string]>>;

/** Stand-ins of this directory for modules that a page does not have. */
const MODULES = { "node:assert/strict": "assert.ts", "node:test": "page_tests.ts" };

/** Bundles a module, by its path from here, with all that it imports, into one script. */
export async function bundled(
  path: string,
  modules: Readonly<Record<string, string>> = MODULES,
  format = "iife",
): Promise<string> {
  const { build } = await tool<{
    build(options: object): Promise<{ outputFiles: { text: string }[] }>;
  }>("esbuild/lib/main.js");
  const here = (path: string): string => new URL(path, import.meta.url).pathname;
  const { outputFiles: [script] } = await build({
    entryPoints: [here(path)],
    alias: Object.fromEntries(Object.entries(modules).map(([name, path]) => [name, here(path)])),
    bundle: true,
    format,
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return script!.text;
}

/** Makes a page whose script is a module of this directory. */
export async function pageFiles(name: string): Promise<PageFiles> {
  const html = '<!doctype html><meta charset="utf-8"><script src="page.js"></script>';
  return {
    "/": ["text/html; charset=utf-8", html],
    "/page.js": ["text/javascript; charset=utf-8", await bundled(name)],
  };
}
