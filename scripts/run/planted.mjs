// Whether the runners fail for errors that nobody handles: in the process of a test, and in one that
// it starts. Each file of plants/ passes but for one of them, and must fail; but none.mjs must not.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { build, node, root, scripts } from "./places.mjs";
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
