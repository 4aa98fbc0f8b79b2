// The rules of brokers, on node:cluster: a program tries them in a worker, and reports here.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";
import { runtime } from "../runtime.ts";

const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
const running = new Set<ReturnType<typeof spawn>>();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** Runs a program to its end, and returns what it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const file = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  const child = watch(
    spawn(process.execPath, [...flags, file, ...args], { stdio: ["ignore", "pipe", "pipe"] }),
  );
  running.add(child);
  let printed = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk) => printed += chunk);
  }
  const [code] = await once(child, "close");
  running.delete(child);
  assert.equal(code, 0, printed);
  return printed;
}

const SAMPLE = "text, bytes, Blobs and empty messages arrive elsewhere as they were published";

/** What each rule came to. */
interface Outcome {
  readonly title: string;
  readonly outcome: "kept" | "broken";
  readonly detail?: string;
}

/** Checks that each rule that was tried is kept. */
function check(printed: string, least: number): void {
  const outcomes: Outcome[] = [...printed.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line));
  assert.ok(outcomes.length >= least, `${outcomes.length} rules`);
  for (const { title, outcome, detail } of outcomes) assert.equal(outcome, "kept", title + detail);
}

test(`broker ${runtime} cluster, advanced: all rules that need no dead primary process`, async () => {
  check(await run("cluster_rules.ts", "advanced"), 24);
});

test(`broker ${runtime} cluster, json: ${SAMPLE}`, async () => {
  check(await run("cluster_rules.ts", "json", SAMPLE), 1);
});

test(`broker ${runtime} cluster: a worker that is killed takes nothing with it`, async () => {
  assert.match(await run("cluster_killed.ts"), /^the other goes on$/m);
});

for (const serialization of ["json", "advanced"]) {
  test(`broker ${runtime} cluster, ${serialization}: the primary process has a server, too`, async () => {
    const printed = await run("cluster_primary.ts", serialization);
    assert.deepEqual(printed.trim().split("\n").sort(), [
      "primary hears the worker",
      "worker hears the primary",
    ]);
  });
}
