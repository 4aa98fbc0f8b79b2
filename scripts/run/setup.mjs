// Installs packages from the lock files, once for each content of a lock file.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { bun, deno, root, scripts } from "./places.mjs";

/** The libraries: ws, and what turns Node's HTTP into Request and Response. */
export function installLibraries() {
  install(root, "the libraries");
}

/** What runs the tests: Deno, Bun, three Nodes, and the like. */
export function installRuntimes() {
  install(scripts, "the runtimes: this takes a while");
  // npm may be told not to run install scripts, and then Bun's command is only a placeholder.
  if (!answers(bun)) {
    spawnSync(process.execPath, [join(scripts, "node_modules/bun/install.js")]);
  }
  for (const command of [deno, bun]) {
    if (!answers(command)) {
      throw new Error(
        `Cannot run ${command}: delete scripts/node_modules, and try again`,
      );
    }
  }
}

/** Test runners, loaders and bundlers, which only the tests of the package need. */
export function installToolchains() {
  install(join(scripts, "toolchains"), "test runners and bundlers");
}

function install(folder, what) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  const digest = createHash("sha256").update(lock).digest("hex");
  const stamp = join(folder, "node_modules/.lock-sha256");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  console.log(`Installing ${what}`);
  const began = Date.now();
  const [command, before] = npm();
  const args = [...before, "ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(command, args, {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) {
    throw new Error(
      `Cannot install ${what}: npm ci failed in ${folder}${error ?? ""}`,
    );
  }
  writeFileSync(stamp, digest);
  console.log(`Installed in ${Math.round((Date.now() - began) / 1000)} s`);
}

/** The npm that runs this, if one does: on Windows, a bare "npm" cannot be spawned. */
export function npm() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith("npm-cli.js") ? [process.execPath, [cli]] : ["npm", []];
}

function answers(command) {
  const { status, stdout } = spawnSync(command, ["--version"], {
    encoding: "utf8",
  });
  return status === 0 && /\d\.\d/.test(stdout);
}
