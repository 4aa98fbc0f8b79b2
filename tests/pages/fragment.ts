/** Fragments of code: what they need to run. @module */

import type { Block } from "./page.ts";

/** Pages whose programs are whole, and are run by a test of their own, as processes. */
const WHOLE = ["README.md", "docs/migrating.md"];

/** Whether it is neither run by `deno test --doc` nor by a test of its own. */
export function isFragment({ page, info }: Block): boolean {
  return info === "ts ignore" && !WHOLE.includes(page);
}

/** The names that the ground of fragments has for them. */
const NAMES = [
  "answer",
  "connect",
  "handler",
  "process",
  "readFile",
  "reconnect",
  "refusals",
  "serve",
  "server",
  "ticket",
  "token",
  "upgrade",
];

/** A module that has what a fragment takes for granted. */
export function fragmentOf({ code }: Block, ground: string): string {
  const own = new Set([
    ...code.matchAll(/^(?:const|let|function|class|async function) (\w+)/gm),
    ...code.matchAll(/^(?:const|let) \{ (.*) \} =/gm),
    ...code.matchAll(/^import \{ (.*) \} from "(?!@isosocket)/gm),
  ].flatMap(([, names]) => names!.split(/, */)));
  const used = NAMES.filter((name) => !own.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  const body = code.replaceAll(/^import (?!type).* from "@isosocket\/isosocket.*";\n/gm, "");
  return `import { ${used.join(", ")} } from ${JSON.stringify(ground)};\n${body}\nexport {};\n`;
}
