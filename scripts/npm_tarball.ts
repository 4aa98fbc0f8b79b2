/** Packs the tarball that npm publishes. @module */

import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROGRAM } from "./npm_manifest.ts";

/** Runs a command. */
export async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args }).spawn().status;
  if (!success) throw new Error(`Cannot pack: ${command} ${args[0]} failed`);
}

/** Writes a manifest. */
export async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Files that dnt leaves in its folder, which are not published. */
const LEFTOVERS = ["node_modules", "package-lock.json", ".npmignore"];

/**
 * Writes a tarball.
 *
 * @param parent Folder that contains the package as `package`, the name that npm requires.
 */
export async function writeTarball(tarball: string, parent: string): Promise<void> {
  await chmod(join(parent, "package", PROGRAM), 0o755);
  const excluded = LEFTOVERS.map((name) => `--exclude=package/${name}`);
  await run("tar", "-czf", tarball, ...excluded, "-C", parent, "package");
}
