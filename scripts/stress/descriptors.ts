/** Whether the system lets a process have enough connections. @module */

import { execFileSync } from "node:child_process";

/** What a process needs beside its connections. */
const BESIDE = 200;

/**
 * Tells what is missing for so many connections; `undefined` if nothing is. All runtimes raise the
 * soft limit to the hard one by themselves, so that one counts.
 */
export function descriptors(connections: number): string | undefined {
  const needed = Math.ceil(connections) + BESIDE;
  const said = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  if (said === "unlimited" || Number(said) >= needed) return undefined;
  return `Cannot open ${connections} connections: a process may have ${said} files, and needs ` +
    `${needed}. As root: ulimit -Hn ${needed}`;
}
