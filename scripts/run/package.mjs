// The npm package, as its users get it: packed, installed into an empty project, tried from there.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./child.mjs";
import { testsIn, testsOfExports } from "./files.mjs";
import { build, deno, esbuild, root, tsc } from "./places.mjs";
import { npm } from "./setup.mjs";

/** The Node 20 that runs this, if it does. */
export function onNode20() {
  const [major] = process.versions.node.split(".");
  return major === "20" ? process.execPath : "Node 20, since another version runs this";
}

/** Packs, installs, and translates the tests: where they are, and what they need. */
export async function packed() {
  const consumer = join(build, "consumer");
  const tarball = join(build, "isosocket.tgz");
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(consumer, { recursive: true });
  const manifest = { name: "consumer", private: true, type: "module" };
  writeFileSync(join(consumer, "package.json"), JSON.stringify(manifest));
  // A test compares the version that the command tells with the one that stands here.
  copyFileSync(join(root, "deno.json"), join(consumer, "deno.json"));

  const sources = [
    ...testsIn("package").filter((path) => !path.endsWith("manifest_test.ts")),
    ...testsOfExports(),
  ];
  const [command, before] = npm();
  const steps = [
    [deno, ["run", "-A", "--quiet", "scripts/pack_npm.ts", tarball], root],
    [command, [
      ...before,
      "install",
      "--no-audit",
      "--no-fund",
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
    files: sources.map((path) => path.replace(/\.ts$/, ".js")),
    env: {
      ISOSOCKET_CLI: join(consumer, "node_modules/isosocket/src/cli/main.js"),
    },
  };
}

/** Whether somebody who installs only this package, and checks all types, is left in peace. */
export async function checkTypes(consumer) {
  const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  // The command exports nothing.
  const source = Object.keys(exports).filter((door) => door !== "./cli").map((door, i) =>
    `import * as door${i} from "${door.replace(".", "isosocket")}";\nvoid door${i};\n`
  );
  writeFileSync(join(consumer, "doors.ts"), source.join(""));
  const options = {
    module: "nodenext",
    target: "es2022",
    lib: [
      "es2022",
      "dom",
      "dom.iterable",
      "dom.asynciterable",
      "esnext.disposable",
    ],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  const project = { compilerOptions: options, files: ["doors.ts"] };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(project));
  const log = join(build, "logs", "package_types.log");
  const args = [tsc, "-p", consumer];
  const { status, output } = await run("package", process.execPath, args, {
    log,
    cwd: consumer,
  });
  return status === 0
    ? { name: "the types of every door", outcome: "passed", detail: "" }
    : { name: "the types of every door", outcome: "failed", detail: output };
}
