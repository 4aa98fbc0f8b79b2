// The npm package, as its users get it: packed, installed into an empty project, tried from there.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { run } from "./child.mjs";
import { testsIn, testsOfExports } from "./files.mjs";
import { build, esbuild, root } from "./places.mjs";
import { npm } from "./setup.mjs";

/** The tests that run inside a project which has the package, beside those of what is exported. */
const INSTALLED = "package/installed";

/** The tests of the package from outside: tools are set on it. */
export function testsOfPackage() {
  return testsIn("package").filter((path) => !path.startsWith(`tests/${INSTALLED}/`));
}

/** The Node 20 that runs this, if it does. */
export function onNode20() {
  const [major] = process.versions.node.split(".");
  return major === "20" ? process.execPath : "Node 20, since another version runs this";
}

/** Packs, installs, and translates the tests: where they are, and what they need. */
export async function packed() {
  const consumer = join(build, "consumer");
  // What is to be published can be tried too, as it is.
  const given = process.env.ISOSOCKET_TARBALL;
  const tarball = given === undefined ? join(build, "isosocket.tgz") : resolve(given);
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(consumer, { recursive: true });
  const manifest = { name: "consumer", private: true, type: "module" };
  writeFileSync(join(consumer, "package.json"), JSON.stringify(manifest));
  // A test compares the version that the command tells with the one that stands here.
  copyFileSync(join(root, "deno.json"), join(consumer, "deno.json"));

  const sources = [
    ...testsIn(INSTALLED),
    ...testsOfExports(),
  ];
  const [command, before] = npm();
  const steps = [
    ...(given === undefined
      ? [[process.execPath, ["scripts/run.mjs", "pack", tarball], root]] // as by `npm run pack`
      : []),
    [command, [
      ...before,
      "install",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      "--loglevel=error",
      tarball,
    ], consumer],
    [esbuild, [
      ...sources,
      "--bundle",
      "--platform=node",
      "--target=node20",
      "--format=esm",
      "--log-level=error",
      "--packages=external",
      "--alias:@isosocket/isosocket=isosocket",
      "--outbase=.",
      `--outdir=${consumer}`,
    ], root],
  ];
  for (const [command, args, cwd] of steps) {
    const log = join(build, "logs", "package.log");
    const { status, output } = await run("package", command, args, {
      log,
      cwd,
    });
    if (status !== 0) return { problem: output };
  }
  return {
    cwd: consumer,
    sources,
    /** Path of a test there. */
    built: (path) => path.replace(/\.ts$/, ".js"),
    env: {
      ISOSOCKET_CLI: join(consumer, "node_modules/isosocket/esm/src/cli/main.js"),
      ISOSOCKET_CONSUMER: consumer,
      ISOSOCKET_TARBALL: tarball,
      ISOSOCKET_NODE20: onNode20(),
    },
  };
}
