/**
 * Builds the npm package with dnt, into `npm/`, and packs it:
 *
 * ```sh
 * deno run -A scripts/build_npm.ts v0.1.0 npm/isosocket.tgz
 * ISOSOCKET_TARBALL=npm/isosocket.tgz npm test package
 * ```
 *
 * The version is that of `deno.json`; the argument must be the same. dnt comes from JSR. The package
 * has the manifest and the layout of that of `pack_npm.ts`, and is tested in the same way.
 *
 * @module
 */

import { copyFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { requireCopies } from "./npm/common_js.ts";
import {
  COMMAND,
  FILES,
  NAME,
  npmManifest,
  PROGRAMS,
  renamed,
  SCRIPT_MANIFEST,
  throughImports,
} from "./npm_manifest.ts";
import { writeJson, writeTarball } from "./npm_tarball.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BUILT = join(ROOT, "npm");
const OUT = join(BUILT, "package");
const SOURCES = join(BUILT, "sources");

/** TypeScript's diagnostic for a module without types: `ws` has none. */
const NO_TYPES = 7016;

/** dnt writes the `#!` line of a program itself, and fails if there is one. */
const FIRST_LINE = /^#!.*\n/;

type Dnt = typeof import("jsr:@deno/dnt@0.43.2");

async function loadDnt(): Promise<Dnt> {
  try {
    return await import("jsr:@deno/dnt@0.43.2");
  } catch (error) {
    console.error(
      "Cannot build with dnt: it comes from JSR, which does not answer here " +
        "(scripts/pack_npm.ts packs the same without it)",
    );
    console.error((error as Error).message);
    Deno.exit(1);
  }
}

const [given = manifest.version, tarball = join(BUILT, `${NAME}.tgz`)] = Deno.args;
if (given.replace(/^v/, "") !== manifest.version) {
  console.error(`Cannot build ${given}: deno.json says that it is ${manifest.version}`);
  Deno.exit(2);
}

const { build, emptyDir } = await loadDnt();
await emptyDir(BUILT);
for (const path of ["mod.ts", "src"]) {
  await cp(join(ROOT, path), join(SOURCES, path), { recursive: true });
}
const program = join(SOURCES, manifest.exports[COMMAND]);
await writeFile(program, (await readFile(program, "utf8")).replace(FIRST_LINE, ""));
const config = { ...manifest, links: [] }; // they lie outside of the copy
await writeFile(join(SOURCES, "deno.json"), JSON.stringify(config));
Deno.chdir(SOURCES);
await build({
  entryPoints: Object.entries(manifest.exports).map(([name, path]) =>
    name === COMMAND ? { kind: "bin", name: NAME, path } : { name, path }
  ),
  outDir: OUT,
  shims: {},
  test: false, // the suite "package" of npm test does
  typeCheck: "single",
  declaration: "inline",
  scriptModule: "cjs",
  skipSourceOutput: true,
  compilerOptions: {
    target: "ES2022",
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    noUncheckedIndexedAccess: true,
    stripInternal: true, // so that users need no types of Node
  },
  filterDiagnostic: ({ code }) => code !== NO_TYPES,
  package: { ...npmManifest(), devDependencies: { "@types/node": "^22.0.0" } },
  async postBuild() {
    for (const path of await readdir(OUT, { recursive: true })) {
      if (!/^(?:esm|script)[/\\].*\.(?:js|d\.ts)$/.test(path)) continue;
      const file = join(OUT, path);
      const code = renamed(await readFile(file, "utf8"));
      const isModule = /^esm[/\\].*\.js$/.test(path);
      await writeFile(file, isModule ? throughImports(path.slice("esm/".length), code) : code);
    }
    await rm(join(OUT, "script", PROGRAMS), { recursive: true });
    await requireCopies(join(OUT, "script"));
    // dnt's own manifests have neither `imports` nor `sideEffects`.
    await rm(join(OUT, "esm/package.json"));
    await writeJson(join(OUT, "script/package.json"), SCRIPT_MANIFEST);
    await writeJson(join(OUT, "package.json"), npmManifest());
    for (const file of FILES) await copyFile(join(ROOT, file), join(OUT, file));
  },
});

await writeTarball(tarball, BUILT);
