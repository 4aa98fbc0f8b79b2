/** Commands on the pages: checks that their subcommands, options and files exist. @module */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../cli/command.ts";
import { read, root } from "./page.ts";

/** Commands that stand for the reader's own, or come with a system. */
const OTHERS = /^(your-[\w-]+|curl|timeout|test|!|tee|grep|until|echo|printf|jq)$/;

const { scripts } = JSON.parse(read("package.json"));
const { name, tasks } = JSON.parse(read("deno.json"));

const helps = new Map<string, Promise<string>>();

/** Resolves with the `--help` of a command of isosocket. */
function helpOf(...command: string[]): Promise<string> {
  const key = command.join(" ");
  if (!helps.has(key)) helps.set(key, run(...command, "--help").then(({ stdout }) => stdout));
  return helps.get(key)!;
}

/** Returns the words of a command, without quotes. */
function words(command: string): string[] {
  return (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll(/^"|"$/g, ""));
}

/** Resolves with the problem of `isosocket …`; with `undefined` for none. */
async function problemOfOurs(args: readonly string[]): Promise<string | undefined> {
  const [command = ""] = args;
  const isThere = /^[a-z]+$/.test(command) &&
    new RegExp(`^  ${command} `, "m").test(await helpOf());
  if (!isThere) return `isosocket has no command "${command}"`;
  const help = await helpOf(command);
  const end = args.indexOf("--");
  for (const option of args.slice(0, end < 0 ? undefined : end)) {
    if (!/^--?[a-z]/.test(option)) continue;
    const known = new RegExp(`(^|[\\s,|[])${option.split("=")[0]}\\b`, "m");
    if (!known.test(help)) return `isosocket ${command} has no ${option}`;
  }
  return undefined;
}

/** Returns the problem if a file of the repository among the words of a command does not exist. */
function missing(args: readonly string[]): string | undefined {
  const files = args.filter((word) => /^(\.\/)?(src|scripts|tests|examples)\//.test(word));
  const lost = files.find((file) => !existsSync(join(root, file)));
  return lost === undefined ? undefined : `there is no ${lost}`;
}

/** Resolves with the problem of a command; with `undefined` for none. */
export async function problemOf(command: string): Promise<string | undefined> {
  const [program = "", ...args] = words(command.replace(/^(?:[A-Z_]+=\S+ )+/, ""));
  const [first = "", second = ""] = args;
  if (OTHERS.test(program)) return undefined;
  if (program === "isosocket") return await problemOfOurs(args);
  if (program === "npx") {
    const at = args.indexOf("isosocket");
    return at < 0 ? `npx of something else: ${command}` : await problemOfOurs(args.slice(at + 1));
  }
  if (program === "npm") {
    if (first === "install") return undefined;
    return first in scripts ? undefined : `package.json has no script "${first}"`;
  }
  if (program === "deno" && first === "task") {
    return second in tasks ? undefined : `deno.json has no task "${second}"`;
  }
  if (program === "deno" && first === "add") {
    return second === `jsr:${name}` ? undefined : `${second} is not ${name}`;
  }
  if (program === "bun" && first === "add") return undefined;
  if (["deno", "node", "bun"].includes(program)) return missing(args);
  return `"${program}" is not a known command`;
}

/** Returns the commands of a shell script. */
export function commandsOf(script: string): string[] {
  return script.split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .map((line) => line.replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll("|", ",")))
    .flatMap((line) => line.split(/\s(?:\|\||&&|\|)\s|\s&$/))
    .map((command) => command.replaceAll(/\s\d?>(&\d|\s*\S+)/g, "").trim())
    .filter((command) => command !== "");
}
