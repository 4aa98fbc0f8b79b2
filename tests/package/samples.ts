/** Code of the README, of the pages, and of what editors show: as users of the npm package have it. @module */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { renamed } from "../../scripts/npm_manifest.ts";
import { fragmentOf, isFragment } from "../pages/fragment.ts";
import { type Block, blocks, blocksOf, filesIn } from "../pages/page.ts";
import { consumer, ROOT } from "./consumer.ts";

/** Folder of all samples, in the project that has the package. */
export const FOLDER: string = join(consumer, "samples");

/** A sample, written as a module. */
export interface Sample {
  /** Page and line. */
  readonly title: string;
  /** Name of its file in {@linkcode FOLDER}. */
  readonly file: string;
  /** Its code, which imports the package by its name on npm. */
  readonly code: string;
  /** Whether it uses the harness of tests/pages, and other globals than the language's. */
  readonly isFragment: boolean;
  /** Whether `deno test --doc` runs it by itself. */
  readonly isWhole: boolean;
}

/** An import of a package that the project does not have. */
const FOREIGN = /\bfrom "(?!isosocket["/]|node:|\.)/;

/** A program for one runtime, by its own names. */
const ONE_RUNTIME = /\b(?:Deno|Bun)\./;

function sampleOf(block: Block): Sample {
  const code = isFragment(block) ? fragmentOf(block, "./harness.js") : block.code;
  const page = block.page.replace(/^.*\bisosocket\//, "");
  return {
    title: `${page}, line ${block.line}`,
    file: `${page.replaceAll(/\W/g, "_")}_${block.line}.ts`,
    code: `${renamed(code)}\nexport {};\n`,
    isFragment: isFragment(block),
    isWhole: block.info === "ts",
  };
}

/** Samples of the README and of the pages. */
const written: readonly Sample[] = blocks.filter(({ info }) => /^ts\b/.test(info)).map(sampleOf);

/** Samples in the documentation comments of the installed package. */
export const shown: readonly Sample[] = filesIn(
  relative(ROOT, join(consumer, "node_modules/isosocket/esm")),
  /\.d\.ts$/,
).flatMap(blocksOf).filter(({ info }) => info === "ts").map(sampleOf);

/** Samples that need no other package, and no runtime of one maker. */
export const samples: readonly Sample[] = [...written, ...shown].filter(({ code }) =>
  !FOREIGN.test(code) && !ONE_RUNTIME.test(code)
);

/** Samples that are for one runtime, or beside another package. */
export const special: readonly Sample[] = [...written, ...shown].filter((it) =>
  !samples.includes(it)
);

/** Returns whether a sample needs the types of Node, for its imports or for those of the harness. */
export function needsNode({ code, isFragment }: Sample): boolean {
  return isFragment || /\bfrom "node:|\bprocess\b/.test(code);
}

/** Writes all samples into the project, and what fragments import. */
export async function writeSamples(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const { file, code } of [...samples, ...special]) await writeFile(join(FOLDER, file), code);
  // Of the harness, the samples need its types here; the rest runs from a bundle.
  for (const [from, to] of [["pages/harness.ts", "harness.ts"], ["server/certificate.ts", ""]]) {
    const path = join(FOLDER, to || "certificate.ts");
    const text = await readFile(join(ROOT, "tests", from!), "utf8");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, renamed(text).replace("../server/certificate.ts", "./certificate.js"));
  }
}
