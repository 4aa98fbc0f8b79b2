/**
 * Builds the command as programs that need no runtime, by `bun build --compile`, and their checksums.
 *
 *   node scripts/binaries.ts FOLDER          the one for this machine
 *   node scripts/binaries.ts --all FOLDER    all; Bun takes those of other systems from the network
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { bun, root } from "./run/places.mjs";

/** Bun's name of each system for which there is a program. */
const TARGETS: readonly string[] = [
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
];

/** Returns the file name of a program. */
function fileOf(target: string): string {
  return `isosocket-${target}${target.startsWith("windows") ? ".exe" : ""}`;
}

/** Returns Bun's name of this system. */
function thisTarget(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}-${process.arch}`;
}

async function checksumOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const octets of createReadStream(file)) hash.update(octets);
  return hash.digest("hex");
}

const { values, positionals } = parseArgs({
  options: { all: { type: "boolean" } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined || positionals.length > 1) {
  console.error("Usage: node scripts/binaries.ts [--all] FOLDER");
  process.exit(2);
}
const targets = values.all ? TARGETS : [thisTarget()];
await mkdir(folder, { recursive: true });
for (const target of targets) {
  const of = target === thisTarget() ? [] : [`--target=bun-${target}`];
  const args = ["build", "--compile", ...of, "--outfile", join(folder, fileOf(target))];
  execFileSync(bun, [...args, join(root, "src/cli/main.ts")], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
}
const sums: string[] = [];
for (const name of (await readdir(folder)).sort()) {
  if (name.startsWith("isosocket-")) {
    sums.push(`${await checksumOf(join(folder, name))}  ${name}\n`);
  }
}
await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
console.log(sums.join("").trimEnd());
