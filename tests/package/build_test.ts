// build_npm.ts, as far as it can be tested without dnt: it reports what is missing, and turns what dnt
// writes into the package that pack_npm.ts packs.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { consumer, IMPORTS, REQUIRES, ROOT, run, runtimes, tool } from "./consumer.ts";
import { findByAttw, findByPublint } from "./linters.ts";

const PROGRAM = "esm/src/cli/main.js";

const [command, ...options] = runtimes["Deno"]!;

// In a copy: the script writes beside itself.
const copy = await mkdtemp(join(tmpdir(), "isosocket-"));
for (const path of ["build_npm.ts", "npm_manifest.ts", "npm_tarball.ts"]) {
  await cp(join(ROOT, "scripts", path), join(copy, "scripts", path));
}
await cp(join(ROOT, "src"), join(copy, "src"), { recursive: true });
for (const path of ["mod.ts", "README.md", "CHANGELOG.md", "LICENSE"]) {
  await cp(join(ROOT, path), join(copy, path));
}
const { links: _, ...config } = deno;
await writeFile(join(copy, "deno.json"), JSON.stringify(config));
after(() => rm(copy, { recursive: true }));

test("without JSR, build_npm.ts says that it cannot build, and what can", async () => {
  const env = { JSR_URL: "http://127.0.0.1:9/", DENO_DIR: join(copy, "cache") };
  const { status, output } = await run([command!, ...options, "scripts/build_npm.ts"], copy, env);
  assert.match(output, /^Cannot build with dnt: it comes from JSR, which does not answer here/m);
  assert.equal(status, 1);
});

test("build_npm.ts builds no other version than that of deno.json", async () => {
  const { status, output } = await run(
    [command!, ...options, "scripts/build_npm.ts", "v999.0.0"],
    copy,
  );
  assert.match(
    output,
    new RegExp(`^Cannot build v999.0.0: deno.json says .* ${deno.version}$`, "m"),
  );
  assert.equal(status, 2);
});

async function readJson(...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(...path), "utf8"));
}

/** Returns the modules of one form of the package. */
async function modulesIn(folder: string): Promise<readonly string[]> {
  const paths = await readdir(folder, { recursive: true });
  return paths.filter((path) => path.endsWith(".js")).sort();
}

/** Checks that the types of a package work without the types of Node. */
async function checkTypes(folder: string): Promise<void> {
  await mkdir(join(copy, "node_modules"));
  await symlink(folder, join(copy, "node_modules/isosocket"), "junction");
  await writeFile(join(copy, "entry_points.ts"), IMPORTS);
  await writeFile(join(copy, "entry_points.cts"), REQUIRES);
  const lib = ["es2022", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"];
  const compilerOptions = { module: "nodenext", lib, types: [], strict: true, noEmit: true };
  const project = { compilerOptions, files: ["entry_points.ts", "entry_points.cts"] };
  await writeFile(join(copy, "tsconfig.json"), JSON.stringify(project));
  const command = [...runtimes["Node 24"]!, tool("typescript7/bin/tsc"), "-p", copy];
  assert.deepEqual(await run(command, copy), { status: 0, output: "" });
}

test("build_npm.ts makes the package that pack_npm.ts packs", { timeout: 120_000 }, async () => {
  const map = join(copy, "import_map.json");
  const standIn = pathToFileURL(join(ROOT, "tests/package/stand_in_dnt.ts")).href;
  await writeFile(map, JSON.stringify({ imports: { "jsr:@deno/dnt@0.43.2": standIn } }));
  const { status, output } = await run(
    [command!, ...options, "--no-check", `--import-map=${map}`, "scripts/build_npm.ts"],
    copy,
  );
  assert.equal(status, 0, output);
  const made = join(copy, "npm/package");
  const packed = join(consumer, "node_modules/isosocket");
  for (const manifest of ["package.json", "script/package.json"]) {
    assert.deepEqual(await readJson(made, manifest), await readJson(packed, manifest));
  }
  for (const form of ["esm", "script"]) {
    assert.deepEqual(await modulesIn(join(made, form)), await modulesIn(join(packed, form)), form);
  }
  const program = await readFile(join(made, PROGRAM), "utf8");
  assert.match(program, /^#!\/usr\/bin\/env node\n(?!#!)/);
  const tarball = join(copy, "npm/isosocket.tgz");
  assert.deepEqual(await findByPublint(tarball), []);
  assert.deepEqual(await findByAttw(tarball), []);
  await checkTypes(made);
});
