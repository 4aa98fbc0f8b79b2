// The manifests of this package agree, and contain nothing of one machine.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

const deno = JSON.parse(read("deno.json"));
const npm = JSON.parse(read("package.json"));

/** Returns the lines that `git grep` finds in committed files. */
function committed(pattern: string, ...paths: string[]): string[] {
  const args = ["grep", "--line-number", "-I", "--extended-regexp", pattern, "--", ...paths];
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  assert.ok(status === 0 || status === 1, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

test("package.json has the entry points of deno.json, so that all runtimes find them by name", () => {
  assert.equal(npm.name, deno.name);
  assert.deepEqual(npm.exports, deno.exports);
});

test("package.json is private and has no version: what is published is packed from deno.json", () => {
  assert.equal(npm.private, true);
  assert.equal(npm.version, undefined);
});

test("package.json and deno.json want the same libraries", () => {
  const { dependencies } = npm;
  for (const [name, version] of Object.entries(dependencies)) {
    assert.equal(deno.imports[name], `npm:${name}@^${version}`);
  }
});

test("the version that the command prints is that of deno.json", () => {
  assert.match(deno.version, /^\d+\.\d+\.\d+$/);
  assert.match(read("src/cli/shared/version.ts"), new RegExp(`VERSION = "${deno.version}"`));
});

test("documentation is checked for every entry point", () => {
  const checked = deno.tasks["check:doc"].split(" ").filter((word: string) => /\.ts$/.test(word));
  const entryPoints = Object.values<string>(deno.exports).map((path) => path.replace("./", ""));
  assert.deepEqual(checked.toSorted(), entryPoints.toSorted());
});

test("no committed file names a host of a registry", () => {
  assert.deepEqual(committed('registr[y][.][a-z]|npmjs[.]|"resolve[d]": *"http'), []);
});
