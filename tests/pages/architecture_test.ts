// docs/architecture.md: each function that its journeys name runs when a message is sent and answered.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { command } from "../../scripts/processes/runtime.ts";
import { read, root } from "./page.ts";

const STEP = /^\d+\. \[`(src\/[^`]+)`\]\([^)]*\),\s+`(#?\w+)\(\)`/gm;

/** The part of V8's report of coverage that is used here. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

const folder = mkdtempSync(join(tmpdir(), "isosocket-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the journey with Node, and returns the functions that were called, each as `file function`. */
function called(): Set<string> {
  const [node, ...args] = command("node24", new URL("journey.ts", import.meta.url));
  const env = { ...process.env, NODE_V8_COVERAGE: folder };
  const { status, stderr } = spawnSync(node!, args, { env, encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, stderr);
  const reports = readdirSync(folder).map((name): Coverage =>
    JSON.parse(readFileSync(join(folder, name), "utf8"))
  );
  const own = reports.flatMap(({ result }) => result).filter(({ url }) => url.startsWith("file:"));
  return new Set(
    own.flatMap(({ url, functions }) =>
      functions.filter(({ ranges }) => ranges[0]!.count > 0)
        .map(({ functionName }) => `${fileURLToPath(url).slice(root.length)} ${functionName}`)
    ),
  );
}

test("each function of the journeys is called", () => {
  const steps = [...read("docs/architecture.md").matchAll(STEP)];
  assert.ok(steps.length > 20, `${steps.length} steps`);
  const all = called();
  assert.ok(all.size > 100, `${all.size} functions`);
  const missing = steps.map(([, file, name]) => `${file} ${name}`).filter((it) => !all.has(it));
  assert.deepEqual(missing, []);
});
