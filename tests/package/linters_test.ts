// What the linters of npm packages say of this one: nothing, since nothing is excused.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, run, runtimes, tarball, tool } from "./consumer.ts";

const require = createRequire(join(ROOT, "scripts/package.json"));

/** The part of publint that is used here. */
interface Publint {
  publint(
    options: { pack: { tarball: ArrayBuffer }; strict: boolean },
  ): Promise<{ readonly messages: readonly object[] }>;
}

test("publint finds nothing", async () => {
  const { publint }: Publint = await import(require.resolve("publint"));
  const { buffer } = new Uint8Array(await readFile(tarball));
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  assert.deepEqual(messages, []);
});

/** The part of a report of attw that is used here. */
interface Report {
  readonly analysis: {
    readonly problems: readonly object[];
    readonly entrypoints: Readonly<Record<string, object>>;
  };
}

test("attw finds nothing wrong with the types, by any way to resolve them", async () => {
  const attw = tool("@arethetypeswrong/cli/dist/index.js");
  const command = [...runtimes["Node 24"]!, attw, "--format", "json", tarball];
  const { output } = await run(command, ROOT);
  const { analysis: { problems, entrypoints } }: Report = JSON.parse(output);
  assert.deepEqual(problems, []);
  assert.ok(Object.keys(entrypoints).length > 5);
});
