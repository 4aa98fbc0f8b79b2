// What each door weighs with all that it has, and what of it most programs take.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

const bundler = new URL("../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = existsSync(bundler) ? false : "esbuild is not installed";

/** Bytes after gzip, packages left out: some percent more than what it is. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ".": { all: 35_200, serve: 29_200, upgrade: 3900 },
  "./client": { all: 12_300 },
  "./deno": { all: 20_300, wrap: 17_300 },
  "./bun": { all: 18_900, wrap: 16_700 },
  "./node": { all: 23_300, attach: 20_700 },
  "./testing": { all: 17_900, pair: 14_400 },
  "./testing/contract": { all: 25_500 },
  "./conformance": { all: 65_000, judgeServer: 41_000, fromJson: 1200 },
};

for (const [door, bounds] of Object.entries(BOUNDS)) {
  test(`${door} keeps to its bounds`, { skip }, async () => {
    const { ENTRY_POINTS, sizeOf, sizeOfEntryPoint } = await import("../scripts/size.ts");
    for (const [name, bound] of Object.entries(bounds)) {
      const size = name === "all"
        ? await sizeOfEntryPoint(door)
        : await sizeOf([name], ENTRY_POINTS[door]);
      assert.ok(size.gzip <= bound, `${name}: ${size.gzip} bytes, and at most ${bound}`);
    }
  });
}

test("each door has bounds, but for the command", { skip }, async () => {
  const { ENTRY_POINTS } = await import("../scripts/size.ts");
  const doors = Object.keys(ENTRY_POINTS).filter((door) => door !== "./cli");
  assert.deepEqual(Object.keys(BOUNDS).sort(), doors.sort());
});
