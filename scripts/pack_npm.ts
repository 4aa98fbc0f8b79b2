/**
 * Packs the npm package: `deno run -A scripts/pack_npm.ts isosocket.tgz`.
 *
 * `deno pack` compiles the source and writes the declarations; esbuild converts it to CommonJS. The
 * package of `build_npm.ts` has the same manifest and the same layout. Needs no network.
 *
 * @module
 */

import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { COMMON_JS, requireCopies } from "./npm/common_js.ts";
import {
  DEPENDENCIES,
  FILES,
  NAME,
  npmManifest,
  PROGRAMS,
  renamed,
  SCRIPT_MANIFEST,
  throughImports,
} from "./npm_manifest.ts";
import { run, writeJson, writeTarball } from "./npm_tarball.ts";

const ESBUILD = fileURLToPath(new URL("node_modules/esbuild/bin/esbuild", import.meta.url));

/** An import or a re-export at the start of a line, or a dynamic import. */
const IMPORT =
  /^(?:import|export)\b(?:[^;"]*\bfrom)?\s*"([^"]+)"|^(?![ \t]*\*).*\bimport\(\s*"([^"]+)"/gm;

/** Resolves with all files of code or declarations, as paths from a folder. */
async function modules(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((path) => /\.(js|d\.ts)$/.test(path)).sort();
}

/** Returns whether an installed package can resolve a specifier. */
function isFound(specifier: string): boolean {
  if (specifier.startsWith(".")) return !specifier.endsWith(".ts");
  if (isBuiltin(specifier)) return specifier.startsWith("node:");
  return Object.keys(DEPENDENCIES).some((name) =>
    specifier === name || specifier.startsWith(`${name}/`)
  );
}

function checkImports(file: string, code: string): void {
  for (const [, whole, late] of code.matchAll(IMPORT)) {
    const specifier = (whole ?? late)!;
    if (isFound(specifier)) continue;
    throw new Error(`Cannot pack: nobody who installs this has "${specifier}" (${file})`);
  }
}

const target = resolve(Deno.args[0] ?? `${NAME}-${manifest.version}.tgz`);
const work = await mkdtemp(join(tmpdir(), "pack-"));
try {
  const first = join(work, "first.tgz");
  await run(Deno.execPath(), "pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", first);
  await run("tar", "-xzf", first, "-C", work);
  const packed = join(work, "packed");
  await rename(join(work, "package"), packed);

  const folder = join(work, "package");
  const [esm, script] = [join(folder, "esm"), join(folder, "script")];
  const files = await modules(packed);
  for (const file of files) {
    const to = join(esm, file);
    const code = renamed(await readFile(join(packed, file), "utf8"));
    checkImports(file, code);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, code);
    if (!file.endsWith(".d.ts") || file.startsWith(PROGRAMS)) continue;
    await mkdir(dirname(join(script, file)), { recursive: true });
    await cp(to, join(script, file));
  }
  const libraries = files.filter((file) => file.endsWith(".js") && !file.startsWith(PROGRAMS));
  await run(
    ESBUILD,
    ...libraries.map((file) => join(esm, file)),
    ...COMMON_JS,
    `--outbase=${esm}`,
    `--outdir=${script}`,
  );
  await requireCopies(script);

  for (const file of files.filter((file) => file.endsWith(".js"))) {
    const path = join(esm, file);
    await writeFile(path, throughImports(file, await readFile(path, "utf8")));
  }
  await writeJson(join(script, "package.json"), SCRIPT_MANIFEST);
  await writeJson(join(folder, "package.json"), npmManifest());
  for (const file of FILES) {
    await rename(join(packed, file), join(folder, file));
  }
  await writeTarball(target, work);
} finally {
  await rm(work, { recursive: true, force: true });
}
