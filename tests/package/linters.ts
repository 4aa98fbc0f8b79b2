/** Linters of npm packages, run on a tarball. @module */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT, run, runtimes, tool } from "./consumer.ts";

const require = createRequire(join(ROOT, "scripts/package.json"));

/** The part of publint that is used here. */
interface Publint {
  publint(
    options: { pack: { tarball: ArrayBuffer }; strict: boolean },
  ): Promise<{ readonly messages: readonly object[] }>;
}

/** Resolves with the findings of publint in a tarball. */
export async function findByPublint(tarball: string): Promise<readonly object[]> {
  const { publint }: Publint = await import(require.resolve("publint"));
  const { buffer } = new Uint8Array(await readFile(tarball));
  return (await publint({ pack: { tarball: buffer }, strict: true })).messages;
}

/** The part of a report of attw that is used here. */
interface Report {
  readonly analysis: {
    readonly problems: readonly object[];
    readonly entrypoints: Readonly<Record<string, object>>;
  };
}

/** Resolves with the problems that attw finds with the types of a tarball, by each resolution. */
export async function findByAttw(tarball: string): Promise<readonly object[]> {
  const attw = tool("@arethetypeswrong/cli/dist/index.js");
  const command = [...runtimes["Node 24"]!, attw, "--format", "json", tarball];
  const { output } = await run(command, ROOT);
  const { analysis: { problems, entrypoints } }: Report = JSON.parse(output);
  assert.ok(Object.keys(entrypoints).length > 5);
  return problems;
}
