// What a browser loads. The bounds keep what is; the aims are 2,500 bytes for connect alone, and
// 5,000 with reconnect.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

const bundler = new URL("../../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = existsSync(bundler) ? false : "esbuild is not installed";

/** Bytes after gzip that each may cost. */
const BOUNDS: Readonly<Record<string, number>> = {
  "connect": 8500,
  "WebSocket": 8400,
  "connect, reconnect": 10_900,
};

for (const [names, bound] of Object.entries(BOUNDS)) {
  test(`${names} of ./client: at most ${bound} bytes`, { skip }, async () => {
    const { sizeOf } = await import("../../scripts/size.ts");
    const { gzip } = await sizeOf(names.split(", "));
    assert.ok(gzip <= bound, `${gzip} bytes`);
  });
}
