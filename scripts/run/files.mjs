// Which test files run where. It shows in their paths: no test asks where it runs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { root } from "./places.mjs";
import { isInShare } from "./sample.mjs";

/** Folders of tests that have a suite of their own. */
const APART = ["browser", "deno", "inspector", "package", "proxies", "types"];

/** All test files below a folder of tests/, as paths from the root. */
export function testsIn(folder = "") {
  const at = join("tests", folder);
  if (!existsSync(join(root, at))) return [];
  return readdirSync(join(root, at), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /_test\.(ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
}

/** The tests that every runtime runs, unbuilt. */
export function sharedTests() {
  return testsIn().filter((path) => !APART.includes(path.split("/")[1]));
}

/** What is long, and tries the same whichever runtime it runs on: one of them is enough. */
export function isLong(path) {
  const long =
    /^tests\/(conformance\/(trial|expectations|bad_targets|planted_faults)|pages\/judging)_test\.ts$/;
  return long.test(path);
}

/**
 * What needs nothing of a runtime but its language: functions on octets and texts, the judge on its own
 * targets, and the pages. Deno, Bun and one Node are enough for it.
 */
export function needsOnlyTheLanguage(path) {
  return /^tests\/(conformance|core|handshake|pages|protocol|testing)\//.test(
    path,
  );
}

/** The tests that run on each Node, and not on the one that runs all. */
export function testsOfOtherNodes(major) {
  return sharedTests().filter((path) =>
    !needsOnlyTheLanguage(path) &&
    (!isMuchTheSame(path) || isInShare(path, major === 22 ? 0 : 1, 2))
  );
}

/**
 * What is long, and hardly depends on the version of Node: the command, frameworks and libraries. Each
 * file runs on Node 22 or on Node 26, beside Node 24, which runs all.
 */
function isMuchTheSame(path) {
  return /^tests\/(cli|examples|interop)\//.test(path);
}

/**
 * The tests of the package that run on Node 22, beside all of them on Node 20: the same files as
 * there, which the unbuilt code has passed on Node 22, so a third of them is enough.
 */
export function isTriedPackedOnNode22(path) {
  return path.startsWith("tests/package/") || isInShare(path, 0, 3);
}

/** The shared tests that try what is exported, or the command: what a package holds. */
export function testsOfExports() {
  return sharedTests().filter((path) => {
    if (path.startsWith("tests/interop/")) return false; // its peers are not installed with it
    if (path.startsWith("tests/pages/")) return false; // nor are pages
    if (path.startsWith("tests/cli/judge/")) return false; // nor are the clients that it judges
    if (path.startsWith("tests/cli/")) return true;
    const text = readFileSync(join(root, path), "utf8");
    if (text.includes("import.meta.url")) return false; // what lies beside it is not packed
    return text.includes('"@isosocket/isosocket');
  });
}
