/**
 * Packs the npm package: `deno run -A scripts/pack_npm.ts isosocket.tgz`. By hand, `npm run pack` does it,
 * and installs before what it needs.
 *
 * TypeScript compiles the source and writes the declarations; esbuild converts it to CommonJS. The
 * package of `build_npm.ts` has the same modules and the same manifest. Needs no network.
 *
 * @module
 */

import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { COMMON_JS } from "./packing/common_js.ts";
import { finish, reached } from "./packing/finish.ts";
import { ENTRY_POINTS, NAME } from "./npm_manifest.ts";
import { run, writeTarball } from "./npm_tarball.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TOOLS = join(ROOT, "scripts/node_modules");

/** Copies the sources. Their imports name the files that will be there. */
async function copySources(to: string): Promise<void> {
  for (const path of ["mod.ts", "src"]) {
    await cp(join(ROOT, path), join(to, path), { recursive: true });
  }
  for (const path of await readdir(to, { recursive: true })) {
    if (!path.endsWith(".ts")) continue;
    const file = join(to, path);
    const code = await readFile(file, "utf8");
    await writeFile(file, code.replaceAll(/"(\.{1,2}\/[^"]+)\.ts"/g, '"$1.js"'));
  }
}

/** Options of TypeScript, beside those of `deno.json`. */
const OPTIONS = {
  target: "es2022",
  lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
  module: "esnext",
  moduleResolution: "bundler",
  declaration: true,
  stripInternal: true, // so that users need no types of Node
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(TOOLS, "@types")],
};

const target = resolve(Deno.args[0] ?? `${NAME}-${manifest.version}.tgz`);
await mkdir(join(ROOT, ".build"), { recursive: true });
const work = await mkdtemp(join(ROOT, ".build/pack-")); // below the root, where the dependencies are
try {
  const [sources, folder] = [join(work, "sources"), join(work, "package")];
  const [esm, script] = [join(folder, "esm"), join(folder, "script")];
  await copySources(sources);
  const project = join(sources, "tsconfig.json");
  const compilerOptions = { ...manifest.compilerOptions, ...OPTIONS, rootDir: ".", outDir: esm };
  const files = Object.values(manifest.exports);
  await writeFile(project, JSON.stringify({ compilerOptions, files }));
  await run(Deno.execPath(), "run", "-A", join(TOOLS, "typescript7/bin/tsc"), "-p", project);

  const modules = [...await reached(esm, ENTRY_POINTS.values(), ".js")];
  await run(
    join(TOOLS, "esbuild/bin/esbuild"),
    ...modules.map((file) => join(esm, file)),
    ...COMMON_JS,
    `--outbase=${esm}`,
    `--outdir=${script}`,
  );
  for (const file of await reached(esm, ENTRY_POINTS.values(), ".d.ts")) {
    await cp(join(esm, file), join(script, file));
  }
  await finish(folder);
  await writeTarball(target, work);
} finally {
  await rm(work, { recursive: true, force: true });
}
