/**
 * Packs the npm package: `deno run -A scripts/pack_npm.ts isosocket.tgz`.
 *
 * `deno pack` translates the source and writes the declarations; the manifest gets what it has no
 * room for. Nothing is fetched.
 *
 * @module
 */

import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../deno.json" with { type: "json" };

const NAME = "isosocket";

/** What a program of this package is called, and the module that it is. */
const BIN = { [NAME]: "./src/cli/main.js" };

/** An import or a re-export at the beginning of a line, or an import that comes late. */
const IMPORT =
  /^(?:import|export)\b(?:[^;"]*\bfrom)?\s*"([^"]+)"|^(?!\s*\*).*\bimport\(\s*"([^"]+)"/gm;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args }).spawn().status;
  if (!success) throw new Error(`Cannot pack: ${command} ${args[0]} failed`);
}

/** All files of the package that hold code or declarations. */
async function modules(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((path) => /\.(js|d\.ts)$/.test(path)).map((path) => join(folder, path));
}

/** Whether an installed package could find it. */
function isFound(specifier: string, dependencies: readonly string[]): boolean {
  if (specifier.startsWith(".")) return !specifier.endsWith(".ts");
  if (isBuiltin(specifier)) return specifier.startsWith("node:");
  return dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

const target = resolve(Deno.args[0] ?? `${NAME}-${manifest.version}.tgz`);
const work = await mkdtemp(join(tmpdir(), "pack-"));
try {
  const first = join(work, "first.tgz");
  await run(Deno.execPath(), "pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", first);
  await run("tar", "-xzf", first, "-C", work);

  const folder = join(work, "package");
  const path = join(folder, "package.json");
  const packed = JSON.parse(await readFile(path, "utf8"));
  const dependencies = Object.keys(packed.dependencies ?? {});

  for (const file of await modules(folder)) {
    const code = await readFile(file, "utf8");
    // Documentation names the package as JSR does; here it has another name.
    const named = code.replaceAll(`${manifest.name}"`, `${NAME}"`)
      .replaceAll(`${manifest.name}/`, `${NAME}/`);
    if (named !== code) await writeFile(file, named);
    for (const [, whole, late] of named.matchAll(IMPORT)) {
      const specifier = (whole ?? late)!;
      if (isFound(specifier, dependencies)) continue;
      throw new Error(`Cannot pack: nobody who installs this has "${specifier}" (${file})`);
    }
  }

  const { name: _, version, type, license, main, types, exports, ...rest } = packed;
  const complete = {
    name: NAME,
    version,
    description: "One WebSocket on every runtime: the same object in browsers, Deno, Bun and Node",
    keywords: ["websocket", "ws", "socket", "server", "client", "deno", "bun", "node", "browser"],
    license,
    repository: { type: "git", url: "git+https://github.com/isosocket/isosocket.git" },
    type,
    engines: { node: ">=20" },
    sideEffects: false,
    bin: BIN,
    main,
    types,
    exports,
    ...rest,
  };
  await writeFile(path, `${JSON.stringify(complete, undefined, 2)}\n`);
  await chmod(join(folder, BIN[NAME]!), 0o755);
  await run("tar", "-czf", target, "-C", work, "package");
} finally {
  await rm(work, { recursive: true, force: true });
}
