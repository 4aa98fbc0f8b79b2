/**
 * Stand-in for dnt 0.43.2 where JSR is out of reach, as a module of its own, without imports but Node's:
 * ./build_test.ts serves it in dnt's place. Like dnt, it
 *
 * - takes the files that the entry points reach, rewrites their imports to `.js`, and writes the first
 *   line of a program itself;
 * - puts a polyfill into each module that uses one, unless it is switched off;
 * - installs the dependencies of the package, and compiles with TypeScript 6, twice, with the options that
 *   dnt sets;
 * - leaves what only a program needs out of `script/`;
 * - calls `postBuild()` with the folder of before.
 *
 * `STAND_IN_TOOLS` is the folder of TypeScript and of the types of Node, `STAND_IN_MODULES` that of the
 * dependencies. The options are written to `STAND_IN_OPTIONS`.
 *
 * @module
 */

import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import process from "node:process";

declare const Deno: {
  chdir(path: string): void;
  cwd(): string;
  Command: new (command: string, options: { args: string[] }) => {
    output(): Promise<{ success: boolean; stdout: Uint8Array }>;
  };
};

interface EntryPoint {
  readonly kind?: "bin" | "export";
  readonly name: string;
  readonly path: string;
}

/** The options that are passed, as far as they are read here. */
interface Options {
  readonly entryPoints: readonly EntryPoint[];
  readonly outDir: string;
  readonly polyfills?: Readonly<Record<string, boolean>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
  readonly package: object;
  readonly postBuild: () => void | Promise<void>;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`Cannot stand in for dnt: ${name} is not set`);
  return value;
}

/** Has the behaviour of `emptyDir()` of `@std/fs`. */
export async function emptyDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
}

/** What makes dnt add a polyfill, by its name. It looks at syntax only, and does so for any target. */
const POLYFILLS: Readonly<Record<string, RegExp>> = {
  arrayFindLast: /\.findLast(?:Index)?\(/,
  arrayFromAsync: /\bArray\.fromAsync\b/,
  errorCause: /\.cause\b/,
  objectHasOwn: /\bObject\.hasOwn\b/,
  promiseWithResolvers: /\bPromise\.withResolvers\b/,
};

/** A module that it adds, with types that users get too. */
const POLYFILL = `declare global {
  interface Object {
    hasOwn(o: object, v: PropertyKey): boolean;
  }
}
export {};
`;

/** Compiler options that dnt does not let users choose, or that are not chosen. */
const FIXED = {
  allowJs: true,
  alwaysStrict: true,
  strictBindCallApply: true,
  strictFunctionTypes: true,
  strictNullChecks: true,
  strictPropertyInitialization: true,
  noImplicitAny: true,
  noImplicitThis: true,
  declaration: true,
  esModuleInterop: false,
  ignoreDeprecations: "6.0",
  types: ["node"],
  isolatedModules: true,
  useDefineForClassFields: true,
  allowSyntheticDefaultImports: true,
  skipLibCheck: true,
  useUnknownInCatchVariables: false,
};

const FORMS = {
  esm: { module: "esnext", moduleResolution: "bundler" },
  // Checked in the other form only, as `typeCheck: "single"` says. It has the same declarations.
  script: {
    module: "commonjs",
    moduleResolution: "node10",
    esModuleInterop: true,
    noCheck: true,
    declaration: false,
  },
};

/** Returns the modules that entry points reach: dnt knows no others. */
async function graph(entryPoints: readonly EntryPoint[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const paths = entryPoints.map(({ path }) => posix.normalize(path));
  for (const path of paths) {
    if (found.has(path)) continue;
    const code = await readFile(path, "utf8");
    found.set(path, code);
    const imports = code.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.{1,2}\/[^"]+\.ts)"/g);
    for (const [, specifier] of imports) paths.push(posix.join(posix.dirname(path), specifier!));
  }
  return found;
}

/** Has the behaviour of `build()` of dnt. */
export async function build(options: Options): Promise<void> {
  const asText = (_: string, value: unknown): unknown =>
    typeof value === "function" ? "function" : value;
  await writeFile(variable("STAND_IN_OPTIONS"), JSON.stringify(options, asText));
  const { entryPoints, polyfills = {}, compilerOptions } = options;
  const outDir = resolve(options.outDir);
  const sources = join(outDir, "src");
  const modules = await graph(entryPoints);
  const programs = entryPoints.filter(({ kind }) => kind === "bin").map(({ path }) =>
    posix.normalize(path)
  );
  const used = Object.keys(POLYFILLS).filter((name) => polyfills[name] !== false);
  for (const [path, code] of modules) {
    const file = join(sources, path);
    const needs = used.some((name) => POLYFILLS[name]!.test(code));
    const back = posix.relative(posix.dirname(path), "_dnt.polyfills.js");
    const polyfill = needs ? `import "${back.startsWith(".") ? back : `./${back}`}";\n` : "";
    const made = code.replace(/^#!.*\n/, "").replaceAll(/"(\.{1,2}\/[^"]+)\.ts"/g, '"$1.js"');
    await mkdir(dirname(file), { recursive: true });
    const first = programs.includes(path) ? "#!/usr/bin/env node\n" : "";
    await writeFile(file, `${first}${polyfill}${made}`);
  }
  if (used.some((name) => [...modules.values()].some((code) => POLYFILLS[name]!.test(code)))) {
    await writeFile(join(sources, "_dnt.polyfills.ts"), POLYFILL);
  }
  await writeFile(join(outDir, "package.json"), JSON.stringify(options.package));
  await symlink(variable("STAND_IN_MODULES"), join(outDir, "node_modules"), "junction");
  const libraries = entryPoints.filter(({ kind }) => kind !== "bin");
  const before = Deno.cwd();
  Deno.chdir(outDir);
  await Promise.all(
    Object.entries(FORMS).map(async ([form, own]) => {
      const files = (form === "esm" ? entryPoints : libraries).map(({ path }) =>
        join(sources, path)
      );
      const typeRoots = [join(variable("STAND_IN_TOOLS"), "@types")];
      const to = { rootDir: sources, outDir: join(outDir, form) };
      const project = join(outDir, `tsconfig.${form}.json`);
      const all = { ...FIXED, ...compilerOptions, ...own, ...to, typeRoots };
      await writeFile(project, JSON.stringify({ compilerOptions: all, files }));
      await compile(project);
      await rm(project);
      const type = form === "esm" ? "module" : "commonjs";
      await writeFile(join(outDir, form, "package.json"), `{\n  "type": "${type}"\n}\n`);
    }),
  );
  Deno.chdir(before);
  const isDeclaration = (path: string): boolean => !path.includes(".") || path.endsWith(".d.ts");
  await cp(join(outDir, "esm"), join(outDir, "script"), {
    recursive: true,
    filter: (path) => isDeclaration(basename(path)),
  });
  await rm(sources, { recursive: true }); // `skipSourceOutput`
  await options.postBuild();
}

/** Runs TypeScript 6, which dnt 0.43 contains. */
async function compile(project: string): Promise<void> {
  const tsc = join(variable("STAND_IN_TOOLS"), "typescript/bin/tsc");
  const args = ["run", "-A", tsc, "--pretty", "false", "-p", project];
  const { success, stdout } = await new Deno.Command(process.execPath, { args }).output();
  if (!success) throw new Error(`Had diagnostics:\n${new TextDecoder().decode(stdout)}`);
}
