/**
 * Manifest of the npm package, for both scripts that build it: `pack_npm.ts`, which needs no
 * network, and `build_npm.ts`, which needs JSR.
 *
 * Both lay out the package alike: `esm/` and `script/` hold the same modules with their
 * declarations, as ES modules and as CommonJS.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

/** Name of the package on npm. */
export const NAME = "isosocket";

/** Entry point that is a command on npm, and cannot be imported. */
export const COMMAND = "./cli";

/** Files beside the code. */
export const FILES = ["README.md", "CHANGELOG.md", "LICENSE"] as const;

/** Replaces the package's name on JSR by its name on npm, in code and in its documentation. */
export function renamed(code: string): string {
  return code.replaceAll(`${manifest.name}"`, `${NAME}"`)
    .replaceAll(`${manifest.name}/`, `${NAME}/`);
}

/** Does the same in the code of a page. */
export function renamedInCode(page: string): string {
  return page.replaceAll(/^```ts.*\n[^]*?^```$/gm, renamed);
}

/** Dependencies. Only Node's entry point and engine `"ws"` need them. */
export const DEPENDENCIES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(manifest.imports).filter(([, specifier]) => specifier.startsWith("npm:"))
    .map(([name, specifier]) => [name, specifier.slice(`npm:${name}@`.length)]),
);

/** Returns the path of a source in the package, without `esm/` or `script/` and without extension. */
function moduleOf(source: string): string {
  return source.replace(/^\.\/|\.ts$/g, "");
}

/** Entry points that can be imported, and the module of each. */
export const ENTRY_POINTS: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports).filter(([path]) => path !== COMMAND)
    .map(([path, source]) => [path, moduleOf(source)]),
);

/** Path of the command in the package: only an ES module, since it uses top-level await. */
export const PROGRAM: string = `./esm/${moduleOf(manifest.exports[COMMAND])}.js`;

/** Folder of the modules of the command, which are left out of `script/`. */
export const PROGRAMS: string = PROGRAM.slice("./esm/".length, PROGRAM.lastIndexOf("/") + 1);

/** Module that replaces servers in pages: otherwise bundlers would need polyfills of Node. */
const UNSUPPORTED = "src/adapters/unsupported";

/** Entry points that it replaces in bundles for pages. */
const SERVERS = ["./deno", "./bun", "./node"];

/** Clients in pages. */
const PAGE = moduleOf(manifest.exports["./page"]);

/** Modules inside of the package that others replace there, by means of `imports`. */
const REPLACED: Readonly<Record<string, string>> = {
  "src/portable/serve": UNSUPPORTED,
  "src/adapters/tcp/dial": UNSUPPORTED,
  "src/portable/connect": PAGE,
  "src/portable/reconnect": PAGE,
  "src/portable/socket": PAGE,
  "src/portable/web_socket": PAGE,
  "src/portable/web_socket_stream": PAGE,
};

/** Entry points of pages, in bundles for them. */
const IN_PAGES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SERVERS.map((path) => [path, UNSUPPORTED])),
  "./client": PAGE,
};

/** Platforms for which bundlers set the condition "browser" too, though they are no pages. */
const NO_PAGES = ["workerd", "react-native"];

/** Manifest of `script/`: bundlers read `sideEffects` from the nearest one. */
export const SCRIPT_MANIFEST = { type: "commonjs", sideEffects: false } as const;

/**
 * Rewrites an ES module so that it imports by `imports` the modules that pages replace.
 *
 * @param file Path of the module in `esm/`, for instance `mod.js`.
 * @param code Content of the module.
 */
export function throughImports(file: string, code: string): string {
  return code.replaceAll(/"(\.{1,2}\/[^"]+)\.js"/g, (specifier, path) => {
    const module = new URL(path, `file:///${file}`).pathname.slice(1);
    return Object.hasOwn(REPLACED, module) ? `"#${module}"` : specifier;
  });
}

function exportsOf(path: string, module: string): object {
  const types = `./esm/${module}.d.ts`;
  const esm = { types, default: `./esm/${module}.js` };
  const inPages = IN_PAGES[path];
  return {
    ...(inPages !== undefined && {
      ...(!SERVERS.includes(path) && Object.fromEntries(NO_PAGES.map((name) => [name, esm]))),
      browser: {
        types,
        // Jest sets "browser" for jsdom, and can only require(); what bundlers set comes first, so
        // that a bundle has one copy, whichever of both asks for it.
        module: `./esm/${inPages}.js`,
        require: `./script/${inPages}.js`,
        default: `./esm/${inPages}.js`,
      },
    }),
    // Where require() can load ES modules, it must not load a second copy of the package. Deno and
    // Node support the first name, Bun the other.
    "module-sync": esm,
    bun: esm,
    import: esm,
    require: { types: `./script/${module}.d.ts`, default: `./script/${module}.js` },
  };
}

/** Manifest of an npm package. */
export interface NpmManifest {
  /** Name of the package. */
  name: string;
  /** Version of the package. */
  version: string;
  /** Further fields. */
  [field: string]: unknown;
}

/** Makes the manifest of the package. */
export function npmManifest(): NpmManifest {
  const main = ENTRY_POINTS.get(".")!;
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
      [...ENTRY_POINTS].map(([path, module]) => [path, exportsOf(path, module)]),
    ),
    // For TypeScript before 6 in its "node10" way, which does not read "exports".
    typesVersions: {
      "*": Object.fromEntries(
        [...ENTRY_POINTS].filter(([path]) => path !== ".")
          .map(([path, module]) => [path.slice(2), [`./script/${module}.d.ts`]]),
      ),
    },
    imports: Object.fromEntries(
      Object.entries(REPLACED).map(([module, replacement]) => {
        const own = `./esm/${module}.js`;
        return [`#${module}`, {
          ...(replacement === PAGE && Object.fromEntries(NO_PAGES.map((name) => [name, own]))),
          browser: `./esm/${replacement}.js`,
          default: own,
        }];
      }),
    ),
    dependencies: DEPENDENCIES,
  };
}
