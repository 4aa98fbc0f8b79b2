/**
 * Stand-in for dnt where JSR is out of reach. Like dnt, it rewrites the imports to `.js`, and lets
 * TypeScript emit the modules twice, with the options that dnt sets.
 *
 * @module
 */

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { BuildOptions, EntryPoint } from "../../scripts/dnt/mod.ts";

declare const Deno: {
  Command: new (command: string, options: { args: string[] }) => {
    output(): Promise<{ success: boolean; stdout: Uint8Array }>;
  };
};

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Has the behaviour of `emptyDir()` of `@std/fs`. */
export async function emptyDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
}

/** Compiler options that dnt does not let users choose. */
const FIXED = {
  alwaysStrict: true,
  strictBindCallApply: true,
  strictFunctionTypes: true,
  strictNullChecks: true,
  strictPropertyInitialization: true,
  noImplicitAny: true,
  isolatedModules: true,
  useDefineForClassFields: true,
  allowSyntheticDefaultImports: true,
  declaration: true,
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(ROOT, "scripts/node_modules/@types")],
};

const FORMS = {
  esm: { module: "esnext", moduleResolution: "bundler" },
  script: { module: "commonjs", moduleResolution: "node10", esModuleInterop: true, noCheck: true },
};

/** Has the behaviour of `build()` of dnt. */
export async function build(options: BuildOptions): Promise<void> {
  const { outDir, compilerOptions, filterDiagnostic, postBuild } = options;
  const sources = join(ROOT, ".build/dnt_sources"); // where the dependencies are found
  await emptyDir(sources);
  await cp("mod.ts", join(sources, "mod.ts"));
  await cp("src", join(sources, "src"), { recursive: true });
  for (const path of await readdir(sources, { recursive: true })) {
    if (!path.endsWith(".ts")) continue;
    const file = join(sources, path);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/"(\.{1,2}\/[^"]+)\.ts"/g, '"$1.js"'));
  }
  const entryPoints = options.entryPoints as EntryPoint[];
  for (const { path } of entryPoints.filter(({ kind }) => kind === "bin")) {
    const file = join(sources, path);
    const text = await readFile(file, "utf8");
    if (text.startsWith("#!")) throw new Error("dnt writes the first line of a program itself");
    await writeFile(file, `#!/usr/bin/env node\n${text}`);
  }
  const files = entryPoints.map(({ path }) => path);
  for (const [form, own] of Object.entries(FORMS)) {
    const out = join(outDir, form);
    const config = { ...FIXED, ...compilerOptions, ...own, outDir: out, rootDir: sources };
    await writeFile(
      join(sources, "tsconfig.json"),
      JSON.stringify({ compilerOptions: config, files }),
    );
    await check(sources, (code) => filterDiagnostic!({ code }));
    const type = form === "esm" ? "module" : "commonjs";
    await writeFile(join(out, "package.json"), `{ "type": "${type}" }\n`);
  }
  await writeFile(join(outDir, "package.json"), JSON.stringify(options.package));
  await postBuild!();
}

/** Runs TypeScript 5, which dnt contains. */
async function check(folder: string, matters: (code: number) => boolean): Promise<void> {
  const tsc = join(ROOT, "scripts/node_modules/typescript5/bin/tsc");
  const args = ["run", "-A", tsc, "--pretty", "false", "-p", relative(process.cwd(), folder)];
  const { stdout } = await new Deno.Command(process.execPath, { args }).output();
  const diagnostics = new TextDecoder().decode(stdout).matchAll(/^.*error TS(\d+).*$/gm);
  const problems = [...diagnostics].filter(([, code]) => matters(Number(code)));
  if (problems.length > 0) throw new Error(problems.map(([line]) => line).join("\n"));
}
