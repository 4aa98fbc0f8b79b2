/** Bundlers, as programs that Node runs on the package. @module */

import { join } from "node:path";
import { ROOT, tool } from "./consumer.ts";

/** Returns the path of a file of a tool in `scripts/toolchains`. */
export function installed(path: string): string {
  return join(ROOT, "scripts/toolchains/node_modules", path);
}

/** A bundler, as a program on Node: it gets \`entry\`, \`folder\`, \`server\`, \`format\`, and writes a file. */
export const BUNDLERS: Readonly<Record<string, string>> = {
  esbuild: `
const esbuild = require(${JSON.stringify(tool("esbuild"))});
module.exports = ({ entry, file, server, format }) => esbuild.build({
  entryPoints: [entry], outfile: file, bundle: true, format: server ? format : "iife",
  platform: server ? "node" : "browser", logLevel: "warning",
});
`,
  Vite: `
module.exports = async ({ entry, folder, name, server, format }) => {
  const { build } = await import(${JSON.stringify(tool("vite/dist/node/index.js"))});
  await build({
    root: folder, configFile: false, logLevel: "warn", ssr: { noExternal: true },
    build: {
      outDir: "out", emptyOutDir: false, minify: false,
      ...(server ? { ssr: entry } : { lib: { entry, formats: ["iife"], name: "page", fileName: () => name } }),
      rollupOptions: { output: { entryFileNames: name, format: server ? format : "iife" } },
    },
  });
};
`,
  webpack: compiled(`const { webpack } = require(${JSON.stringify(installed("webpack"))});`),
  Rspack: compiled(
    `const rspack = import(${JSON.stringify(installed("@rspack/core/dist/index.js"))});
const webpack = async (...args) => (await rspack).rspack(...args);`,
  ),
  Rollup: `
const { rollup } = require(${JSON.stringify(installed("rollup"))});
const { nodeResolve } = require(${JSON.stringify(installed("@rollup/plugin-node-resolve"))});
module.exports = async ({ entry, file, server, format }) => {
  const plugins = [nodeResolve({ browser: !server, preferBuiltins: true, exportConditions: server ? ["node"] : [] })];
  const bundle = await rollup({ input: entry, plugins, onwarn: ({ message }) => { throw new Error(message); } });
  await bundle.write({ file, format: server ? format : "iife", inlineDynamicImports: true });
  await bundle.close();
};
`,
};

/** webpack, or Rspack, which has its interface. */
function compiled(load: string): string {
  return `
${load}
module.exports = ({ entry, folder, name, server }) => new Promise((resolve, reject) => {
  webpack({
    mode: "production", context: folder, entry, target: server ? "node20" : "web",
    output: { path: folder + "/out", filename: name }, optimization: { minimize: false },
    performance: false,
  }, (error, stats) => {
    if (error) return reject(error);
    const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
    const problems = [...errors, ...warnings].map(({ message }) => message);
    if (problems.length > 0) reject(new Error(problems.join("\\n")));
    else resolve();
  });
});
`;
}
