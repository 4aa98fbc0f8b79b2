/**
 * Makes the npm package of what a compiler has written: `pack_npm.ts` and dnt leave the same modules in
 * `esm/` and `script/`, and this is all that is between them and the tarball.
 *
 * @module
 */

import { copyFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DEPENDENCIES,
  ENTRY_POINTS,
  FILES,
  npmManifest,
  PROGRAM,
  renamed,
  renamedInCode,
  SCRIPT_MANIFEST,
  throughImports,
} from "../npm_manifest.ts";
import { writeJson } from "../npm_tarball.ts";
import { requireCopies } from "./common_js.ts";
import { PLATFORM, platformNames, withPlatform } from "./declarations.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PLATFORM_TYPES = fileURLToPath(new URL(`${PLATFORM}.d.ts`, import.meta.url));

/** Module of the command, which is only in `esm/`: it uses top-level await. */
const COMMAND = PROGRAM.slice("./esm/".length, -".js".length);

/** An import, a re-export, a dynamic import or a `require()`. Comments are taken for code. */
const SPECIFIER =
  /^(?:import|export)\b(?:[^;"]*\bfrom)?\s*"([^"]+)"|^(?![ \t]*\*).*?\b(?:import|require)\(\s*"([^"]+)"/gm;

/** Returns the specifiers of all modules that a module imports. */
function specifiersIn(code: string): string[] {
  return [...code.matchAll(SPECIFIER)].map(([, whole, late]) => (whole ?? late)!);
}

/** Returns whether an installed package can resolve a specifier that is not relative. */
function isFound(specifier: string): boolean {
  if (specifier.startsWith("/")) return true; // a page's, from its server
  if (isBuiltin(specifier)) return specifier.startsWith("node:");
  return Object.keys(DEPENDENCIES).some((name) =>
    specifier === name || specifier.startsWith(`${name}/`)
  );
}

/**
 * Resolves with the files that entry points reach, as paths from a folder.
 *
 * @param modules Paths of entry points, without extension.
 * @param extension `.js`, or `.d.ts`.
 */
export async function reached(
  folder: string,
  modules: Iterable<string>,
  extension: string,
): Promise<Set<string>> {
  const found = new Set([...modules].map((module) => `${module}${extension}`));
  for (const file of found) { // and those that are added meanwhile
    for (const specifier of specifiersIn(await readFile(join(folder, file), "utf8"))) {
      if (specifier.startsWith(".")) {
        const path = posix.join(posix.dirname(file), specifier);
        found.add(path.replace(/\.js$/, extension));
      } else if (!isFound(specifier)) {
        throw new Error(`Cannot pack: nobody who installs this has "${specifier}" (${file})`);
      }
    }
  }
  return found;
}

/** Leaves the modules and declarations in one form of the package that its entry points reach. */
async function prune(folder: string, modules: readonly string[]): Promise<readonly string[]> {
  const kept = new Set([
    ...await reached(folder, modules, ".js"),
    ...await reached(folder, ENTRY_POINTS.values(), ".d.ts"),
  ]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    if (!kept.has(file.slice(folder.length + 1).split(sep).join("/"))) await rm(file);
  }
  return [...kept];
}

/**
 * Makes the package of a folder with `esm/` and `script/`.
 *
 * @throws {Error} If it would import what users do not have.
 */
export async function finish(folder: string): Promise<void> {
  const types = await readFile(PLATFORM_TYPES, "utf8");
  const names = platformNames(types);
  const forms = {
    esm: [...ENTRY_POINTS.values(), COMMAND],
    script: [...ENTRY_POINTS.values()],
  };
  await requireCopies(join(folder, "script"));
  for (const [form, modules] of Object.entries(forms)) {
    const path = join(folder, form);
    for (const file of await prune(path, modules)) {
      const code = renamed(await readFile(join(path, file), "utf8"));
      const made = file.endsWith(".d.ts")
        ? withPlatform(file.slice(0, -".d.ts".length), code, names)
        : form === "esm"
        ? throughImports(file, code)
        : code;
      await writeFile(join(path, file), made);
    }
    await cp(PLATFORM_TYPES, join(path, `${PLATFORM}.d.ts`));
  }
  await requireCopies(join(folder, "script"));
  // Bundlers read `sideEffects` from the nearest manifest.
  await writeJson(join(folder, "script/package.json"), SCRIPT_MANIFEST);
  await writeJson(join(folder, "package.json"), npmManifest());
  for (const file of FILES) await copyFile(join(ROOT, file), join(folder, file));
  const readme = join(folder, "README.md");
  await writeFile(readme, renamedInCode(await readFile(readme, "utf8")));
}
