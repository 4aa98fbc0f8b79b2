// npm run pack: makes the package that npm will have, and says how to install it.

import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { deno, root } from "./places.mjs";
import { installLibraries, installRuntimes } from "./setup.mjs";

/** Packs into a file; resolves with the exit code. */
export function pack([file, ...rest]) {
  if (rest.length > 0 || file?.startsWith("-") || (file !== undefined && !file.endsWith(".tgz"))) {
    const given = [file, ...rest].join(" ");
    const error = new Error(`Cannot pack into ${given}: usage: npm run pack [-- file.tgz]`);
    throw Object.assign(error, { code: "USAGE" });
  }
  const { version } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  // npm runs scripts in the root, and says from where it was called.
  const tarball = resolve(process.env.INIT_CWD ?? ".", file ?? `isosocket-${version}.tgz`);
  installLibraries();
  installRuntimes();
  const args = ["run", "-A", "--quiet", "scripts/pack_npm.ts", tarball];
  const { status, error } = spawnSync(deno, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) throw error ?? new Error(`Cannot pack: scripts/pack_npm.ts failed`);
  console.log(instructions(tarball, version));
  return 0;
}

/** What was made, and how to install it on each runtime. */
export function instructions(tarball, version) {
  const path = /^[\w@%+=:,./\\-]+$/.test(tarball) ? tarball : JSON.stringify(tarball);
  return `
isosocket ${version}, ${Math.round(statSync(tarball).size / 1000)} kB: ${tarball}

In another project:

  Node   npm install ${path}
  Bun    bun add ${path}
  Deno   npm install ${path}

and import from "isosocket", "isosocket/client" and the like. Deno by itself takes no tarball, but a
folder, with this deno.json:

  Deno   tar -xzf ${path}
         { "nodeModulesDir": "auto", "links": ["./package"],
           "imports": { "isosocket": "npm:isosocket@${version}" } }`;
}
