/**
 * Builds the npm package with dnt, into `npm/`, and packs it:
 *
 * ```sh
 * deno run -A scripts/build_npm.ts v0.1.0 npm/isosocket.tgz
 * ISOSOCKET_TARBALL=npm/isosocket.tgz npm test package
 * ```
 *
 * The version is that of `deno.json`; the argument must be the same, or empty. dnt comes from JSR. The
 * package has the modules and the manifest of that of `pack_npm.ts`, and is tested in the same way.
 *
 * @module
 */

import { cp, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { finish } from "./packing/finish.ts";
import { COMMAND, NAME, npmManifest } from "./npm_manifest.ts";
import { writeTarball } from "./npm_tarball.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BUILT = join(ROOT, "npm");
const OUT = join(BUILT, "package");
const SOURCES = join(BUILT, "sources");

/** dnt writes the `#!` line of a program itself. */
const FIRST_LINE = /^#!.*\n/;

type Dnt = typeof import("jsr:@deno/dnt@0.43.2");

async function loadDnt(): Promise<Dnt> {
  try {
    return await import("jsr:@deno/dnt@0.43.2");
  } catch (error) {
    console.error(`Cannot build with dnt: it could not be loaded: ${(error as Error).message}`);
    console.error("Without it, and without a network, scripts/pack_npm.ts packs the same");
    Deno.exit(1);
  }
}

const [given, place] = Deno.args;
const version = (given || manifest.version).replace(/^v/, "");
if (version !== manifest.version) {
  console.error(`Cannot build ${given}: deno.json says that it is ${manifest.version}`);
  Deno.exit(2);
}
const tarball = resolve(place ?? join(BUILT, `${NAME}.tgz`)); // before the folder changes

const { build, emptyDir } = await loadDnt();
await emptyDir(BUILT);
for (const path of ["mod.ts", "src"]) {
  await cp(join(ROOT, path), join(SOURCES, path), { recursive: true });
}
const program = join(SOURCES, manifest.exports[COMMAND]);
await writeFile(program, (await readFile(program, "utf8")).replace(FIRST_LINE, ""));
await writeFile(join(SOURCES, "deno.json"), JSON.stringify(manifest));
Deno.chdir(SOURCES);
await build({
  entryPoints: Object.entries(manifest.exports).map(([name, path]) =>
    name === COMMAND ? { kind: "bin", name: NAME, path } : { name, path }
  ),
  outDir: OUT,
  shims: {},
  // Each runtime has what is used here; and a polyfill would be in every module, and in users' types.
  polyfills: {
    arrayFindLast: false,
    arrayFromAsync: false,
    errorCause: false,
    objectHasOwn: false,
    promiseWithResolvers: false,
    stringReplaceAll: false,
  },
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
  package: { ...npmManifest(), devDependencies: { "@types/node": "^22.0.0" } },
  postBuild: () => finish(OUT),
});

await writeTarball(tarball, BUILT);
