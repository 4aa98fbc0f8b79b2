// The inspector's page has the reconnect() of this very source.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const bundler = new URL("../../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = existsSync(bundler) ? false : "esbuild is not installed";

test("the bundle of reconnect() is made of the present source", { skip }, async () => {
  const { bundleModule } = await import("../../scripts/bundle_reconnect.ts");
  const url = new URL("../../src/cli/serve/inspector/reconnect_bundle.ts", import.meta.url);
  const [made, kept] = [await bundleModule(), readFileSync(url, "utf8")];
  assert.ok(made === kept, "run node scripts/bundle_reconnect.ts");
});
