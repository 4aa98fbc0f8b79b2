// Types of the installed package, as users check them: by each TypeScript and each module resolution,
// with the types of each runtime or of none, and without skipLibCheck.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { consumer, IMPORTS, REQUIRES, ROOT, run, runtimes, tool } from "./consumer.ts";

const COMPILERS: Readonly<Record<string, string>> = {
  "TypeScript 5.9": tool("typescript5/bin/tsc"),
  "TypeScript 6": tool("typescript/bin/tsc"),
  "TypeScript 7": tool("typescript7/bin/tsc"),
};

const RESOLUTIONS: Readonly<Record<string, object>> = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** Types of a runtime: where they are, and the programs that need them. */
interface RuntimeTypes {
  readonly typeRoots: readonly string[];
  readonly types: readonly string[];
  readonly programs: readonly string[];
}

const RUNTIME_TYPES: Readonly<Record<string, RuntimeTypes>> = {
  "no types of a runtime": {
    typeRoots: [],
    types: [],
    programs: ["socket_types.ts", "options_types.ts"],
  },
  "@types/node": {
    typeRoots: [tool("@types")],
    types: ["node"],
    programs: ["node_types.ts"],
  },
  "bun-types": {
    typeRoots: [tool("")],
    types: ["bun-types"],
    programs: ["bun_types.ts"],
  },
};

const LIB = ["es2022", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"];

const folder = join(consumer, "types");

before(async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "entry_points.ts"), IMPORTS);
  await writeFile(join(folder, "entry_points.cts"), REQUIRES);
  for (const program of Object.values(RUNTIME_TYPES).flatMap(({ programs }) => programs)) {
    const text = await readFile(join(ROOT, "tests/types", program), "utf8");
    await writeFile(join(folder, program), text.replaceAll("@isosocket/isosocket", "isosocket"));
  }
});

let projects = 0;

async function check(compiler: string, options: object, files: readonly string[]): Promise<void> {
  const project = join(folder, `tsconfig.${projects++}.json`);
  const all = { target: "es2022", lib: LIB, types: [], strict: true, noEmit: true, ...options };
  const compilerOptions = { ...all, exactOptionalPropertyTypes: true, skipLibCheck: false };
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
    for (const [runtime, { typeRoots, types, programs }] of Object.entries(RUNTIME_TYPES)) {
      test(`${compiler} checks all with ${resolution} and ${runtime}`, async () => {
        await check(compiler, { ...options, typeRoots, types }, ["entry_points.ts", ...programs]);
      });
    }
  }

  test(`${compiler} checks all that is taken by require()`, async () => {
    await check(compiler, { module: "nodenext" }, ["entry_points.cts"]);
  });
}

test("TypeScript 5.9 checks all in its node10 way", async () => {
  const options = { module: "commonjs", moduleResolution: "node10" };
  await check("TypeScript 5.9", options, ["entry_points.ts"]);
});
