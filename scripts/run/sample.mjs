// Which part of the tests runs, where all of them would try the same thing again and again: a share that
// changes with each commit, so that each part has its turn, and a failure can be repeated by the seed.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import process from "node:process";
import { root } from "./places.mjs";

/** Takes all instead of a share. */
export const ALL = "all";

/** The variable that hands the seed on to tests. */
const VARIABLE = "ISOSOCKET_SAMPLE";

/** Chooses the seed: the one that is given, or the commit's id. */
export function chooseSeed(given) {
  process.env[VARIABLE] = given ?? process.env[VARIABLE] ?? commit() ?? "0";
}

/** Returns the seed. */
export function seed() {
  if (process.env[VARIABLE] === undefined) chooseSeed();
  return process.env[VARIABLE];
}

/** Start of the id of the commit that is checked out; `undefined` outside of a repository. */
function commit() {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short=8", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Whether a name is in one of so many shares. Each name is in exactly one of them. */
export function isInShare(name, share, shares) {
  if (seed() === ALL) return true;
  const digest = createHash("sha256").update(`${seed()} ${name}`).digest();
  return digest.readUInt32BE() % shares === share;
}
