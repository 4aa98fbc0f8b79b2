/** Fragments of code, made into modules that run. @module */

import type { Block } from "./page.ts";

/** First line of a complete program: a test of its page starts it as a process. */
const WHOLE = /^\/\/ (server\.ts|client\.ts|Before|After|examples\/\w+\.ts): /;

/** An import of another package. */
const FOREIGN = /^import .* from "(?!@isosocket\/|node:)/m;

/** An import of ours that the harness has in its place: not brokers, which it lacks. */
const HARNESSED =
  /^import (?!type).* from "@isosocket\/isosocket(?!\/(?:cluster|history|nats|postgres|recover|redis)").*";\n/gm;

/** Returns whether a block is run neither by `deno test --doc` nor by a test of its page. */
export function isFragment({ info, code }: Block): boolean {
  return info === "ts ignore" && !WHOLE.test(code) && !FOREIGN.test(code);
}

/** Exports of ./harness.ts. */
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

/** Makes a module of a fragment, which imports from the harness what it does not declare. */
export function fragmentOf({ code }: Block, harness: string): string {
  const own = new Set([
    ...code.matchAll(/^(?:const|let|function|class|async function) (\w+)/gm),
    ...code.matchAll(/^(?:const|let) \{ (.*) \} =/gm),
    ...code.matchAll(/^import \{ (.*) \} from "(?!@isosocket)/gm),
  ].flatMap(([, names]) => names!.split(/, */)));
  const used = NAMES.filter((name) => !own.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  const body = code.replaceAll(HARNESSED, "");
  return `import { ${used.join(", ")} } from ${JSON.stringify(harness)};\n${body}\nexport {};\n`;
}
