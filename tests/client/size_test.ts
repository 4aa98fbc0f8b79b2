// Size of the client in a browser: what the README promises for pages, and the present size of the
// full client, which Workers and pages without a bundler's condition "browser" load. Of that, some 1,500
// bytes are the letter of the DOM and WebIDL standards, 500 are turns, and pauses that outlast Close, and
// 700 the names and kinds of options, with a suggestion for a name that is misspelt.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { runtime } from "../runtime.ts";

const bundler = new URL("../../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = runtime !== "node 24"
  ? "a bundle has the same size wherever it is made"
  : existsSync(bundler)
  ? false
  : "esbuild is not installed";

/** Maximum size after gzip, in bytes, by entry point; the runtimes' gzip differ by 1 %. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "./page": {
    "connect": 3000,
    "WebSocket": 100,
    "reconnect": 5000,
    "connect, reconnect, WebSocket": 5700,
  },
  "./client": {
    "connect": 11_900,
    "WebSocket": 11_000,
    "connect, reconnect": 15_150,
  },
};

for (const [entryPoint, bounds] of Object.entries(BOUNDS)) {
  for (const [names, bound] of Object.entries(bounds)) {
    test(`${names} of ${entryPoint}: at most ${bound} bytes`, { skip }, async () => {
      const { ENTRY_POINTS, sizeOf } = await import("../../scripts/size.ts");
      const { gzip } = await sizeOf(names.split(", "), ENTRY_POINTS[entryPoint]);
      assert.ok(gzip <= bound, `${gzip} bytes`);
    });
  }
}

test("reconnect costs a page half of socket.io-client, by the same tool", { skip }, async () => {
  const { ENTRY_POINTS, sizeOf, sizeOfPeer } = await import("../../scripts/size.ts");
  const peer = await sizeOfPeer("socket.io-client");
  const { gzip } = await sizeOf(["reconnect"], ENTRY_POINTS["./page"]);
  assert.ok(gzip < peer.gzip / 2, `${gzip} and ${peer.gzip} bytes`);
});
