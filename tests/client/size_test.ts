// Size of the client in a browser. The bounds keep the current size, of which 40 bytes let Node import a
// server without undici, and 1500 are the letter of the DOM and WebIDL standards: a third of that is for
// the events that programs make and dispatch. The aims are 2,500 bytes for connect alone, and 5,000 with reconnect.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

const bundler = new URL("../../scripts/node_modules/esbuild/lib/main.js", import.meta.url);
const skip = existsSync(bundler) ? false : "esbuild is not installed";

/** Maximum size after gzip, in bytes; the runtimes' gzip differ by 1 %. */
const BOUNDS: Readonly<Record<string, number>> = {
  "connect": 10_750,
  "WebSocket": 10_440,
  "connect, reconnect": 13_340,
};

for (const [names, bound] of Object.entries(BOUNDS)) {
  test(`${names} of ./client: at most ${bound} bytes`, { skip }, async () => {
    const { sizeOf } = await import("../../scripts/size.ts");
    const { gzip } = await sizeOf(names.split(", "));
    assert.ok(gzip <= bound, `${gzip} bytes`);
  });
}

test("reconnect costs a page less than socket.io-client, by the same tool", { skip }, async () => {
  const { sizeOf, sizeOfPeer } = await import("../../scripts/size.ts");
  const peer = await sizeOfPeer("socket.io-client");
  const { gzip } = await sizeOf(["reconnect"]);
  assert.ok(gzip < peer.gzip, `${gzip} and ${peer.gzip} bytes`);
});
