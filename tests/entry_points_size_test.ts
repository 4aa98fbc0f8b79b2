// Size of each entry point with all of its exports, and of those that most programs use.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

const bundler = new URL("../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = existsSync(bundler) ? false : "esbuild is not installed";

/** Maximum number of bytes after gzip, packages left out: some percent more than it is. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ".": { all: 53_000, serve: 43_000, upgrade: 4900 },
  "./client": { all: 16_800 },
  "./page": { all: 16_900 },
  "./deno": { all: 23_600, wrap: 21_300 },
  "./bun": { all: 22_900, wrap: 20_600 },
  "./node": { all: 35_700, attach: 33_400 },
  "./testing": { all: 22_300, pair: 18_200 },
  "./testing/contract": { all: 27_400 },
  "./conformance": { all: 65_000, judgeServer: 41_000, fromJson: 1200 },
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
