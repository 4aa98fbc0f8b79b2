// Whether the runners fail for errors that nobody handles: in the process of a test, and in one that
// it starts. Each file of plants/ passes but for one of them, and must fail; but none.mjs must not.
//
// And whether what is run again is judged as it should be: plants/again/once.mjs is flaky.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { build, node, root, scripts } from "./places.mjs";
import { ran } from "./ran.mjs";
import { bunTest, denoTest, nodeTest } from "./runners.mjs";

const FOLDER = "scripts/run/plants";

/** Runs each plant with each runner. */
export async function planted() {
  const runners = { deno: denoTest, bun: bunTest, "node 24": nodeTest(node(24)) };
  const plants = readdirSync(join(scripts, "run/plants")).filter((name) => name.endsWith(".mjs"));
  const tests = [];
  for (const [label, runner] of Object.entries(runners)) {
    for (const plant of plants) tests.push(await tried(label, runner, plant));
  }
  return tests;
}

async function tried(label, runner, plant) {
  const isFault = plant !== "none.mjs";
  const name = `check planted ${plant} ${isFault ? "fails" : "passes"} with ${label}`;
  const report = join(build, "reports", "planted.xml");
  mkdirSync(join(build, "reports"), { recursive: true });
  rmSync(report, { force: true });
  const { command, args } = runner(report, [join(FOLDER, plant)]);
  const log = join(build, "logs", "planted.log");
  const { status, output } = await run(name, command, args, { log, cwd: root, limit: 60_000 });
  const isRight = (status !== 0) === isFault && output.includes("planted") === isFault;
  return { name, outcome: isRight ? "passed" : "failed", detail: isRight ? "" : output };
}

/**
 * Runs what fails once, what fails always, and an error outside of tests, with each runner: the first
 * must be flaky, the second failed, and the third must not be lost where reports do not have it.
 */
export async function plantedAgain() {
  const runners = { deno: denoTest, bun: bunTest };
  for (const major of [20, 22, 24, 26]) runners[`node ${major}`] = nodeTest(node(major));
  const files = ["again/once.mjs", "again/always.mjs", "before.mjs"]
    .map((plant) => `${FOLDER}/${plant}`);
  const marker = join(build, "planted_marker");
  const tests = [];
  for (const [label, runner] of Object.entries(runners)) {
    if (runner.missing !== undefined) continue; // as of Node 20, unless it runs this
    rmSync(marker, { force: true });
    const options = { env: { PLANTED_MARKER: marker }, limit: 60_000 };
    const seen = [];
    for await (const part of ran(`planted ${label}`, files, runner, undefined, options)) {
      seen.push(...part.tests);
    }
    const name = `check planted again/ is flaky, or fails, with ${label}`;
    const detail = seen.map(({ name, outcome }) => `${outcome}: ${name}`).join("\n");
    const isRight = /^flaky: it fails once$/m.test(detail) &&
      /^failed: it fails always$/m.test(detail) &&
      /^failed: (?!it fails)/m.test(detail);
    tests.push({ name, outcome: isRight ? "passed" : "failed", detail });
  }
  return tests;
}
