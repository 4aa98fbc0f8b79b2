/** Fragments of code: what they need to run. @module */

import type { Block } from "./page.ts";

/** How programs begin that are whole: a test of their page starts them as processes. */
const WHOLE = /^\/\/ (server\.ts|client\.ts|Before|After|examples\/\w+\.ts): /;

/** What imports a package that is not ours. */
const FOREIGN = /^import .* from "(?!@isosocket\/|node:)/m;

/** Whether it is neither run by `deno test --doc` nor by a test of its page. */
export function isFragment({ info, code }: Block): boolean {
  return info === "ts ignore" && !WHOLE.test(code) && !FOREIGN.test(code);
}

/** The names that the harness of fragments has for them. */
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
export function fragmentOf({ code }: Block, harness: string): string {
  const own = new Set([
    ...code.matchAll(/^(?:const|let|function|class|async function) (\w+)/gm),
    ...code.matchAll(/^(?:const|let) \{ (.*) \} =/gm),
    ...code.matchAll(/^import \{ (.*) \} from "(?!@isosocket)/gm),
  ].flatMap(([, names]) => names!.split(/, */)));
  const used = NAMES.filter((name) => !own.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  const body = code.replaceAll(/^import (?!type).* from "@isosocket\/isosocket.*";\n/gm, "");
  return `import { ${used.join(", ")} } from ${JSON.stringify(harness)};\n${body}\nexport {};\n`;
}
