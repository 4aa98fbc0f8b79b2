// Size of each entry point with all of its exports, and of those that most programs use.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { runtime } from "./runtime.ts";

const bundler = new URL("../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = runtime !== "node 24"
  ? "a bundle has the same size wherever it is made"
  : existsSync(bundler)
  ? false
  : "esbuild is not installed";

/** Maximum number of bytes after gzip, packages left out: some percent more than it is. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ".": { all: 57_000, serve: 47_000, upgrade: 5200 },
  "./client": { all: 17_100 },
  "./page": { all: 17_250 },
  "./deno": { all: 27_700, wrap: 25_000 },
  "./bun": { all: 27_000, wrap: 24_400 },
  "./node": { all: 39_400, attach: 37_200 },
  "./history": { all: 8000 },
  "./presence": { all: 6000 },
  "./recover": { all: 1550 },
  "./redis": { all: 3750 },
  "./nats": { all: 2000 },
  "./postgres": { all: 3000 },
  "./cluster": { all: 2550 },
  "./testing": { all: 27_500, pair: 22_700 },
  "./testing/contract": { all: 41_000 },
  "./conformance": { all: 87_000, judgeServer: 55_000, fromJson: 1250 },
};

for (const [entryPoint, bounds] of Object.entries(BOUNDS)) {
  test(`${entryPoint} keeps to its bounds`, { skip }, async () => {
    const { ENTRY_POINTS, sizeOf, sizeOfEntryPoint } = await import("../scripts/size.ts");
    for (const [name, bound] of Object.entries(bounds)) {
      const size = name === "all"
        ? await sizeOfEntryPoint(entryPoint)
        : await sizeOf([name], ENTRY_POINTS[entryPoint]);
      assert.ok(size.gzip <= bound, `${name}: ${size.gzip} bytes, and at most ${bound}`);
    }
  });
}

test("each entry point has bounds, except the command", { skip }, async () => {
  const { ENTRY_POINTS } = await import("../scripts/size.ts");
  const names = Object.keys(ENTRY_POINTS).filter((name) => name !== "./cli");
  assert.deepEqual(Object.keys(BOUNDS).sort(), names.sort());
});
