// What each export of the browser's door costs alone: minified by esbuild, then gzip at level 9.
//
//   node scripts/size.ts            a table
//   node scripts/size.ts --files    and which files the bytes come from
//
// kB are thousands of bytes. The package says that it has no side effects, so bundlers leave out
// the modules that nobody uses; here a plugin says it.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

type Esbuild = typeof import("./node_modules/esbuild/lib/main.d.ts");
const require = createRequire(import.meta.url);
const esbuild: Esbuild = require("./node_modules/esbuild/lib/main.js");

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is measured: the names that a program imports from ./client. */
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
  /** What a browser loads. */
  readonly code: string;
  /** Bytes when minified. */
  readonly minified: number;
  /** Bytes when compressed. */
  readonly gzip: number;
  /** Bytes when minified, by file. */
  readonly files: Readonly<Record<string, number>>;
}

/** Measures what a program weighs that imports these names from ./client. */
export async function sizeOf(names: readonly string[]): Promise<Size> {
  const result = await esbuild.build({
    stdin: {
      contents: `export { ${names.join(", ")} } from "./src/client/mod.ts";`,
      resolveDir: root,
    },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "error",
    plugins: [{
      name: "no side effects",
      setup(bundler): void {
        bundler.onResolve(
          { filter: /^\.{1,2}\// },
          async ({ path, pluginData, ...rest }) => {
            if (pluginData === "asked") return undefined;
            const { resolveDir, kind, importer } = rest;
            const options = { resolveDir, kind, importer, pluginData: "asked" };
            return {
              ...await bundler.resolve(path, options),
              sideEffects: false,
            };
          },
        );
      },
    }],
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
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log("| from ./client | minified | gzip |\n|---|--:|--:|");
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(2)} kB`;
  for (const names of IMPORTS) {
    const { minified, gzip, files } = await sizeOf(names);
    console.log(`| ${names.join(", ")} | ${kB(minified)} | ${kB(gzip)} |`);
    if (!process.argv.includes("--files")) continue;
    for (const [file, bytes] of Object.entries(files)) {
      console.log(`|   ${file} | ${kB(bytes)} | |`);
    }
  }
}
