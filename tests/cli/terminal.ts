// Runs the command on a terminal, and types.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { unhandledIn } from "../../scripts/processes/unhandled.ts";
import { here, skip } from "./command.ts";

/** Reason to skip tests on a terminal; `false` if there is one. */
export const skipTerminal: string | false = skip ||
  (process.platform === "linux" && existsSync("/usr/bin/script")
    ? false
    : "this system has no script(1) of util-linux, which runs a command on a terminal");

/** An output to wait for, and the keys to type or the action to do then. */
export type Step = readonly [output: RegExp, then: string | (() => void)];

/** Output on the terminal, with "␛" for ESC, and the exit code. */
export interface TerminalRun {
  readonly code: number | null;
  readonly text: string;
}

/** ms: time limit of a run. */
const TIMEOUT = 20_000;

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs the command, types, and waits for its end. */
export function onTerminal(
  args: readonly string[],
  steps: readonly Step[],
  { columns = 80, env = {} }: { columns?: number; env?: Record<string, string | undefined> } = {},
): Promise<TerminalRun> {
  const command = [here[0], ...here[1], ...args].map(quoted).join(" ");
  const script = ["-qec", `stty cols ${columns}; exec ${command}`, "/dev/null"];
  const child = spawn("/usr/bin/script", script, {
    stdio: "pipe",
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1", ...env } as Record<string, string>,
  });
  const left = [...steps];
  let text = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk.replaceAll("\x1b", "␛");
    const match = left[0]?.[0].exec(text.slice(seen));
    if (!match) return;
    seen = text.length;
    const [, then] = left.shift()!;
    if (typeof then === "string") child.stdin.write(then);
    else then();
  });
  const timer = setTimeout(() => child.kill(), TIMEOUT); // the text shows which step is missing
  return new Promise((resolve, reject) => {
    child.on("close", (code: number | null) => {
      clearTimeout(timer);
      const unhandled = unhandledIn(text.replaceAll("␛", "\x1b"));
      if (unhandled !== undefined) reject(new Error(unhandled));
      resolve({ code, text });
    });
  });
}
