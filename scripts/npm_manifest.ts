/**
 * The manifest of the npm package, whichever script builds it: `pack_npm.ts`, which needs no
 * network, or `build_npm.ts`, which needs JSR.
 *
 * Both lay out the package alike: `esm/` and `script/` hold the same modules with their
 * declarations, as ES modules and as CommonJS.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

/** What the package is called on npm. */
export const NAME = "isosocket";

/** The door that is a program there, and none to import. */
export const COMMAND = "./cli";

/** What lies beside the code. */
export const FILES = ["README.md", "CHANGELOG.md", "LICENSE"] as const;

/** Code whose documentation names the package as npm does, and not as JSR does. */
export function renamed(code: string): string {
  return code.replaceAll(`${manifest.name}"`, `${NAME}"`)
    .replaceAll(`${manifest.name}/`, `${NAME}/`);
}

/** What is installed with it. Only Node's door needs it, and engine `"ws"`. */
export const DEPENDENCIES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(manifest.imports).filter(([, specifier]) => specifier.startsWith("npm:"))
    .map(([name, specifier]) => [name, specifier.slice(`npm:${name}@`.length)]),
);

/** Where a source is in the package, without the folder and the extension. */
function moduleOf(source: string): string {
  return source.replace(/^\.\/|\.ts$/g, "");
}

/** Doors that can be imported, and the module behind each. */
const doors: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports).filter(([door]) => door !== COMMAND)
    .map(([door, source]) => [door, moduleOf(source)]),
);

/** The program, as the package holds it: an ES module only, since it awaits at its top level. */
export const PROGRAM: string = `./esm/${moduleOf(manifest.exports[COMMAND])}.js`;

/** The folder of what only runs as a program: CommonJS has none of it. */
export const PROGRAMS: string = PROGRAM.slice("./esm/".length, PROGRAM.lastIndexOf("/") + 1);

/** The module that says so where a page asks for a server: else bundlers want polyfills of Node. */
const ABSENT = "src/absent";

/** The doors that it stands behind in bundles for pages. */
const SERVERS = ["./deno", "./bun", "./node"];

/** The modules whose place it takes there inside the package, which goes by `imports`. */
const REPLACED = ["src/serve", "src/adapters/ws"];

/** The manifest of `script/`. Bundlers look no further for side effects. */
export const SCRIPT_MANIFEST = { type: "commonjs", sideEffects: false } as const;

/**
 * Lets an ES module import by `imports` what is another module in pages.
 *
 * @param file Where it is in `esm/`: `mod.js`.
 * @param code What it holds.
 */
export function throughImports(file: string, code: string): string {
  return code.replaceAll(/"(\.{1,2}\/[^"]+)\.js"/g, (specifier, path) => {
    const module = new URL(path, `file:///${file}`).pathname.slice(1);
    return REPLACED.includes(module) ? `"#${module}"` : specifier;
  });
}

function exportsOf(door: string, module: string): object {
  const types = `./esm/${module}.d.ts`;
  const esm = { types, default: `./esm/${module}.js` };
  return {
    ...(SERVERS.includes(door) && { browser: { types, default: `./esm/${ABSENT}.js` } }),
    // Where require() can load ES modules, nobody is to get a second copy of all. Deno and Node know
    // the first name, Bun the other.
    "module-sync": esm,
    bun: esm,
    import: esm,
    require: { types: `./script/${module}.d.ts`, default: `./script/${module}.js` },
  };
}

/** A manifest of npm, as far as tools want to know of it. */
export interface NpmManifest {
  /** What the package is called. */
  name: string;
  /** Its version. */
  version: string;
  /** The rest. */
  [field: string]: unknown;
}

/** The whole manifest. */
export function npmManifest(): NpmManifest {
  const main = doors.get(".")!;
  const { version, license } = manifest;
  return {
    name: NAME,
    version,
    description: "One WebSocket on every runtime: the same object in browsers, Deno, Bun and Node",
    keywords: ["websocket", "ws", "socket", "server", "client", "deno", "bun", "node", "browser"],
    license,
    repository: { type: "git", url: "git+https://github.com/isosocket/isosocket.git" },
    type: "module",
    engines: { node: ">=20" },
    sideEffects: false,
    bin: { [NAME]: PROGRAM },
    main: `./script/${main}.js`,
    module: `./esm/${main}.js`,
    types: `./script/${main}.d.ts`,
    exports: Object.fromEntries(
      [...doors].map(([door, module]) => [door, exportsOf(door, module)]),
    ),
    // For TypeScript before 6 in its "node10" way, which does not read "exports".
    typesVersions: {
      "*": Object.fromEntries(
        [...doors].filter(([door]) => door !== ".")
          .map(([door, module]) => [door.slice(2), [`./script/${module}.d.ts`]]),
      ),
    },
    imports: Object.fromEntries(
      REPLACED.map((module) => [
        `#${module}`,
        { browser: `./esm/${ABSENT}.js`, default: `./esm/${module}.js` },
      ]),
    ),
    dependencies: DEPENDENCIES,
  };
}
