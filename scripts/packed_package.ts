/** The npm package, packed for a measurement. @module */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { command } from "./processes/runtime.ts";

/** Packs the package. Returns its folder: below the root, so that it finds its dependencies. */
export function packedPackage(): string {
  const root = new URL("..", import.meta.url);
  const folder = fileURLToPath(new URL(".build/packed", root));
  mkdirSync(folder, { recursive: true });
  const [deno] = command("deno", new URL("pack_npm.ts", import.meta.url));
  const tarball = `${folder}/package.tgz`;
  execFileSync(deno!, ["run", "-A", "--quiet", "scripts/pack_npm.ts", tarball], { cwd: root });
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  return `${folder}/package`;
}
