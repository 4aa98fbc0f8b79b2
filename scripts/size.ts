// Prints the size of exports: minified by esbuild, then gzip at level 9; and, by the same tool, the size of
// other packages' clients.
//
//   node scripts/size.ts                   ./page, ./client, and their peers
//   node scripts/size.ts --files           and the files that the bytes come from
//   node scripts/size.ts --entry-points    each export of each entry point
//
// kB are thousands of bytes. package.json declares that there are no side effects, so bundlers leave out
// unused modules; here a plugin does so. Packages and node: modules stay external, and are not counted.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Types of esbuild. */
type Esbuild = typeof import("./node_modules/esbuild/lib/main.d.ts");
type BuildOptions = import("./node_modules/esbuild/lib/main.d.ts").BuildOptions;
const require = createRequire(import.meta.url);
const esbuild: Esbuild = require("./node_modules/esbuild/lib/main.js");

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Programs that are measured: the names that each imports from ./page, or ./client. */
const IMPORTS: readonly (readonly string[])[] = [
  ["Socket"],
  ["connect"],
  ["WebSocket"],
  ["reconnect"],
  ["connect", "reconnect"],
  ["connect", "reconnect", "WebSocket"],
];

/** The size of one program. */
export interface Size {
  /** Minified code. */
  readonly code: string;
  /** Bytes when minified. */
  readonly minified: number;
  /** Bytes when compressed. */
  readonly gzip: number;
  /** Bytes when minified, by file. */
  readonly files: Readonly<Record<string, number>>;
}

/** Other packages' clients: the names that a program imports, and the module. */
const PEERS: Readonly<Record<string, readonly [names: string, from: string]>> = {
  "partysocket": ["WebSocket", "partysocket"],
  "reconnecting-websocket": ["default", "reconnecting-websocket"],
  "crossws, its client": ["default", "crossws/websocket"],
  "socket.io-client": ["io", "socket.io-client"],
  "graphql-ws, its client": ["createClient", "graphql-ws"],
};

/** Plugin that lets esbuild leave out unused modules, as `sideEffects` in the package.json does. */
const noSideEffects: import("./node_modules/esbuild/lib/main.d.ts").Plugin = {
  name: "no side effects",
  setup(bundler): void {
    bundler.onResolve({ filter: /^\.{1,2}\// }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === "resolved") return undefined;
      const { resolveDir, kind, importer } = rest;
      const options = { resolveDir, kind, importer, pluginData: "resolved" };
      return { ...await bundler.resolve(path, options), sideEffects: false };
    });
  },
};

/** Bundles a program. */
async function bundled(
  contents: string,
  options: BuildOptions,
): Promise<Size & { readonly exports: readonly string[] }> {
  const result = await esbuild.build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
    ...options,
    write: false,
    metafile: true,
  });
  const { contents: code, text } = result.outputFiles[0]!;
  const [output] = Object.values(result.metafile.outputs);
  const files = Object.entries(output!.inputs)
    .map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const)
    .filter(([, bytes]) => bytes > 0)
    .toSorted((a, b) => b[1] - a[1]);
  return {
    code: text,
    minified: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    files: Object.fromEntries(files),
    exports: output!.exports,
  };
}

/** Options for programs that import from this package. */
const OURS: BuildOptions = {
  plugins: [noSideEffects],
  packages: "external",
  external: ["node:*"],
};

/** Measures a program that imports these names from ./client, or from another file. */
export function sizeOf(names: readonly string[], file = "./src/client/mod.ts"): Promise<Size> {
  return bundled(`export { ${names.join(", ")} } from "${file}";`, OURS);
}

/** Files of the entry points, by name. */
export const ENTRY_POINTS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(root, "deno.json"), "utf8"),
).exports;

/** Measures a program that uses all exports of an entry point. */
export function sizeOfEntryPoint(
  path: string,
): Promise<Size & { readonly exports: readonly string[] }> {
  return bundled(`export * from "${ENTRY_POINTS[path]}";`, OURS);
}

/** Measures a peer; rejects if it is not installed. */
export function sizeOfPeer(name: string): Promise<Size> {
  const [names, from] = PEERS[name]!;
  return bundled(`export { ${names} } from "${from}";`, {
    nodePaths: [join(root, "node_modules"), join(root, "scripts/node_modules")],
  });
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(2)} kB`;
}

function head(what: string): void {
  console.log(`| ${what} | minified | gzip |\n|---|--:|--:|`);
}

function row(what: string, { minified, gzip }: Size): void {
  console.log(`| ${what} | ${kB(minified)} | ${kB(gzip)} |`);
}

/** Prints the size of each export of each entry point. */
async function printEntryPoints(): Promise<void> {
  for (const [path, file] of Object.entries(ENTRY_POINTS)) {
    const all = await sizeOfEntryPoint(path);
    if (all.exports.length === 0) continue; // a command
    head(`from ${path}`);
    for (const name of all.exports.toSorted()) row(name, await sizeOf([name], file));
    row("all", all);
    console.log();
  }
}

async function printClient(): Promise<void> {
  for (const path of ["./page", "./client"]) {
    head(`from ${path}`);
    for (const names of IMPORTS) {
      const size = await sizeOf(names, ENTRY_POINTS[path]);
      row(names.join(", "), size);
      if (!process.argv.includes("--files")) continue;
      for (const [file, bytes] of Object.entries(size.files)) {
        console.log(`|   ${file} | ${kB(bytes)} | |`);
      }
    }
    console.log();
  }
  head("peers");
  for (const name of Object.keys(PEERS)) row(name, await sizeOfPeer(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes("--entry-points") ? printEntryPoints() : printClient());
}
