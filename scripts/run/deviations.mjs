// Prints what runtimes cannot keep, as far as this run has proved it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, esbuild, root } from "./places.mjs";

/**
 * Prints harness, rule and reason of each deviation.
 *
 * @param passed The names of all tests that passed.
 */
export async function printDeviations(passed) {
  const lines = [];
  for (const [harness, rules] of Object.entries(await deviations())) {
    for (const [rule, reason] of Object.entries(rules)) {
      if (passed.has(`${harness}: ${rule} (deviates)`)) {
        lines.push(`${harness}: ${rule}: ${reason}`);
      }
    }
  }
  if (lines.length === 0) return;
  console.log(
    `\n${lines.length} deviations, each of which was tried and is still there:`,
  );
  for (const line of lines) console.log(`  ${line}`);
}

/** The table is TypeScript, which Node 20 does not run. */
async function deviations() {
  const made = join(build, "deviations.mjs");
  const source = join(root, "tests/contract/deviations.ts");
  const { status, stderr } = spawnSync(esbuild, [
    source,
    `--outfile=${made}`,
    "--format=esm",
  ], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot read ${source}: ${stderr}`);
  return (await import(pathToFileURL(made).href)).deviations;
}
