// Publishes a tarball to npm, as the release does: `node scripts/publish_npm.mjs npm/isosocket.tgz`. If npm
// has that version with the same bytes, there is nothing to do: so a release can be run again after one of
// its steps has failed, and the first version can be published by hand.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";

const [given] = process.argv.slice(2);
if (given === undefined) {
  console.error("Usage: node scripts/publish_npm.mjs TARBALL");
  process.exit(2);
}
const tarball = resolve(given);
const { name, version } = manifestOf(tarball);
const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;

const published = publishedAs(`${name}@${version}`);
if (published === integrity) {
  console.log(`npm has ${name}@${version} already, with these bytes`);
} else if (published !== undefined) {
  console.error(`Cannot publish ${name}@${version}: npm has other bytes under this version`);
  process.exit(1);
} else {
  const { status } = spawnSync(
    "npm",
    ["publish", tarball, "--provenance", "--access", "public"],
    { stdio: "inherit" },
  );
  if (status !== 0) {
    console.error(
      `Cannot publish ${name}@${version}: if it is the first version, publish this tarball by hand, ` +
        "as CONTRIBUTING.md says, and run this again",
    );
  }
  process.exit(status ?? 1);
}

function manifestOf(tarball) {
  const { status, stdout, stderr } = spawnSync(
    "tar",
    ["-xzOf", tarball, "package/package.json"],
    { encoding: "utf8" },
  );
  if (status !== 0) {
    console.error(`Cannot publish ${tarball}: it is no package: ${stderr.trim()}`);
    process.exit(2);
  }
  return JSON.parse(stdout);
}

/** The checksum of a version on npm; `undefined` if there is no such version. */
function publishedAs(specifier) {
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["view", specifier, "dist.integrity", "--json"],
    { encoding: "utf8" },
  );
  if (status === 0) return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  if (stdout.includes('"E404"') || stderr.includes("E404")) return undefined;
  console.error(`Cannot publish ${specifier}: npm does not answer:\n${stderr}`);
  process.exit(1);
}
