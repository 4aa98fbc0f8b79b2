/** Check of the system's limit of descriptors. @module */

import { execFileSync } from "node:child_process";

/** Number of descriptors that a process needs besides its connections. */
const BESIDE = 200;

/**
 * Returns the problem if the limit is too low for a number of connections; `undefined` for none. All
 * runtimes raise the soft limit to the hard one by themselves, so the hard one counts.
 */
export function descriptors(connections: number): string | undefined {
  const needed = Math.ceil(connections) + BESIDE;
  const said = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  if (said === "unlimited" || Number(said) >= needed) return undefined;
  return `Cannot open ${connections} connections: a process may have ${said} files, and needs ` +
    `${needed}. As root: ulimit -Hn ${needed}`;
}
