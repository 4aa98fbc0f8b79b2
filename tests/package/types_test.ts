// Types of the installed package, as users check them: by each TypeScript and each module resolution, with
// the library `dom` or without, with the types of each runtime or of none, and without skipLibCheck. The
// code of the README, of the pages and of what editors show is checked with them.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { platformNames } from "../../scripts/packing/declarations.ts";
import { consumer, IMPORTS, REQUIRES, ROOT, run, runtimes, tool } from "./consumer.ts";
import { FOLDER, needsNode, samples, special, writeSamples } from "./samples.ts";

const COMPILERS: Readonly<Record<string, string>> = {
  "TypeScript 5.9": tool("typescript5/bin/tsc"),
  "TypeScript 6": tool("typescript/bin/tsc"),
  "TypeScript 7": tool("typescript7/bin/tsc"),
};

const RESOLUTIONS: Readonly<Record<string, object>> = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** Types that a project has. */
interface Setting {
  readonly lib: readonly string[];
  readonly typeRoots: readonly string[];
  readonly types: readonly string[];
  /** Programs of tests/types that need them. */
  readonly programs: readonly string[];
  /** Whether the samples find the global variables that they use. */
  readonly hasGlobals: boolean;
  /** Samples that do not compile there. */
  readonly excludes?: RegExp;
}

const LANGUAGE = ["es2022"];
const DOM = ["es2022", "dom", "dom.iterable"];
const NODE = { typeRoots: [tool("@types")], types: ["node"] };
const BUN = { typeRoots: [tool("")], types: ["bun-types"] };
const NONE = { typeRoots: [], types: [] };
const ALL = ["socket_types.ts", "options_types.ts"];

const SETTINGS: Readonly<Record<string, Setting>> = {
  "nothing but the language": { lib: LANGUAGE, ...NONE, programs: [], hasGlobals: false },
  "only @types/node": {
    lib: LANGUAGE,
    ...NODE,
    programs: ["options_types.ts"],
    hasGlobals: true,
  },
  "only bun-types": {
    lib: LANGUAGE,
    ...BUN,
    programs: ["options_types.ts"],
    hasGlobals: true,
    // Without dom, WebSocket is Bun's own class, with ping(), pong() and more.
    excludes: /: WebSocket\b/,
  },
  "only dom": { lib: DOM, ...NONE, programs: ALL, hasGlobals: true },
  "dom and @types/node": {
    lib: DOM,
    ...NODE,
    programs: [...ALL, "node_types.ts"],
    hasGlobals: true,
  },
  "dom and bun-types": { lib: DOM, ...BUN, programs: [...ALL, "bun_types.ts"], hasGlobals: true },
};

/** Older compilers take longer: with them, one way to resolve is tried with all settings. */
function isTried(compiler: string, resolution: string, setting: string): boolean {
  return compiler === "TypeScript 7" || resolution === "nodenext" || setting === "only @types/node";
}

const folder = join(consumer, "types");

/** Program that fails to compile where a type of the platform is `any`. */
function notAny(names: readonly string[]): string {
  return `import type * as platform from "../node_modules/isosocket/esm/platform.js";
type Known<T> = [0] extends [1 & T] ? never : true;
${names.map((name) => `export const ${name}: Known<platform.${name}> = true;`).join("\n")}
`;
}

/** Returns what a type of the platform must have: before TypeScript 7, a `readyState` is any number. */
function shapeOf(name: string): string {
  return name === "WebSocket" ? 'Omit<platform.OwnWebSocket, "readyState">' : `platform.Own${name}`;
}

/** Program that fails to compile if a shape of ours has what the type of the platform has not. */
function noMore(platform: string): string {
  const own = [...platform.matchAll(/^export interface Own(\w+)/gm)].map(([, name]) => name!)
    .filter((name) => new RegExp(`globalThis\\.${name}\\b`).test(platform));
  assert.ok(own.length >= 12, `${own.length}`);
  return `import type * as platform from "../node_modules/isosocket/esm/platform.js";
${own.map((it) => `(null as unknown as globalThis.${it}) satisfies ${shapeOf(it)};`).join("\n")}
(null as unknown as globalThis.HeadersInit) satisfies platform.HeadersInit;
(null as unknown as platform.HeadersInit) satisfies globalThis.HeadersInit;
(null as unknown as platform.AddEventListenerOptions) satisfies globalThis.AddEventListenerOptions;
(null as unknown as platform.CloseEventInit) satisfies globalThis.CloseEventInit;
`;
}

before(async () => {
  await mkdir(folder, { recursive: true });
  const platform = await readFile(
    join(consumer, "node_modules/isosocket/esm/platform.d.ts"),
    "utf8",
  );
  const own = {
    "entry_points.ts": IMPORTS,
    "entry_points.cts": REQUIRES,
    "not_any.ts": notAny(platformNames(platform)),
    "no_more.ts": noMore(platform),
  };
  for (const [name, text] of Object.entries(own)) await writeFile(join(folder, name), text);
  const programs = Object.values(SETTINGS).flatMap(({ programs }) => programs);
  for (const program of new Set(["misuse_types.ts", ...programs])) {
    const text = await readFile(join(ROOT, "tests/types", program), "utf8");
    await writeFile(join(folder, program), text.replaceAll("@isosocket/isosocket", "isosocket"));
  }
  await writeSamples();
});

let projects = 0;

async function check(compiler: string, options: object, files: readonly string[]): Promise<void> {
  const project = join(folder, `tsconfig.${projects++}.json`);
  const compilerOptions = {
    target: "es2022",
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    ...options,
  };
  await writeFile(project, JSON.stringify({ compilerOptions, files }));
  const command = [
    ...runtimes["Node 24"]!,
    COMPILERS[compiler]!,
    "--pretty",
    "false",
    "-p",
    project,
  ];
  assert.deepEqual(await run(command, folder), { status: 0, output: "" });
}

for (const compiler of Object.keys(COMPILERS)) {
  for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      if (!isTried(compiler, resolution, name)) continue;
      test(`${compiler} checks all with ${resolution} and ${name}`, async () => {
        const { lib, typeRoots, types, programs, hasGlobals, excludes } = setting;
        const files = ["entry_points.ts", "misuse_types.ts", "not_any.ts", ...programs];
        if (resolution === "nodenext") files.push("entry_points.cts");
        if (name === "only dom") files.push("no_more.ts");
        const ofNode = types.length > 0;
        const own = samples.filter((it) => {
          return hasGlobals && (ofNode || !needsNode(it)) && !excludes?.test(it.code);
        });
        files.push(...own.map(({ file }) => join(FOLDER, file)));
        await check(compiler, { ...options, lib, typeRoots, types }, files);
      });
    }
  }
}

test("TypeScript 5.9 checks all in its node10 way", async () => {
  const options = { module: "commonjs", moduleResolution: "node10", lib: DOM, types: [] };
  await check("TypeScript 5.9", options, ["entry_points.ts"]);
});

test("most samples are checked", () => {
  assert.ok(samples.length > 50, `${samples.length}`);
  assert.ok(special.length < 20, `${special.map(({ title }) => title)}`);
});
