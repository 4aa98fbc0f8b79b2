/**
 * The dependencies in the CommonJS form of the npm package: they are ES modules only, which `require()`
 * loads neither in Node before 20.19 nor in Jest. So `script/` has a copy of each, as CommonJS, with its
 * licence.
 *
 * @module
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DEPENDENCIES } from "../npm_manifest.ts";
import { run } from "../npm_tarball.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const require = createRequire(join(ROOT, "package.json"));
const ESBUILD = join(ROOT, "scripts/node_modules/esbuild/bin/esbuild");

/** Folder of the copies in `script/`. */
const COPIES = "dependencies";

/**
 * Options of esbuild for CommonJS. A dynamic import becomes a `require()`: a real one is refused by
 * Jest, and by Node in a `vm` context.
 */
export const COMMON_JS = [
  "--format=cjs",
  "--platform=node",
  "--target=node20",
  "--supported:dynamic-import=false",
  "--log-level=warning",
] as const;

/** Returns the path of the copy of a dependency in `script/`, without extension. */
function copyOf(name: string): string {
  return `${COPIES}/${name.replace(/^@/, "").replaceAll("/", "_")}`;
}

/**
 * Makes CommonJS modules load the copies of dependencies, and writes those that they load.
 *
 * @param script The folder `script/` of the package.
 */
export async function requireCopies(script: string): Promise<void> {
  const needed = new Set<string>();
  const paths = (await readdir(script, { recursive: true })).map((path) =>
    path.split(sep).join("/")
  );
  for (const path of paths.filter((path) => path.endsWith(".js"))) {
    const code = await readFile(join(script, path), "utf8");
    const made = code.replaceAll(/\brequire\("([^."][^"]*)"\)/g, (whole, name) => {
      if (!Object.hasOwn(DEPENDENCIES, name)) return whole;
      needed.add(name);
      return `require("${posix.relative(posix.dirname(path), copyOf(name))}.js")`;
    });
    if (made !== code) await writeFile(join(script, path), made);
  }
  for (const name of needed) {
    const copy = join(script, `${copyOf(name)}.js`);
    await mkdir(dirname(copy), { recursive: true });
    const licence = await readFile(join(ROOT, "node_modules", name, "LICENSE"), "utf8");
    const banner = `--banner:js=/*! ${name}\n\n${licence.trim()}\n*/`;
    await run(
      ESBUILD,
      require.resolve(name),
      "--bundle",
      ...COMMON_JS,
      banner,
      `--outfile=${copy}`,
    );
  }
}
