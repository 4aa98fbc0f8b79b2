// The README's first server and client, as processes, and the size that it states.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { blocksOf, read, root } from "./page.ts";
import { freePort, start } from "./program.ts";

test("the README's server and its client talk", async () => {
  const programs = blocksOf("README.md").filter(({ code }) => /^\/\/ \w+\.ts: /.test(code));
  assert.deepEqual(programs.map(({ code }) => code.slice(0, 12)), ["// server.ts", "// client.ts"]);
  const [serverBlock, clientBlock] = programs;
  const port = await freePort();
  const server = await start(serverBlock!, port);
  try {
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Hello");
    assert.equal((await fetch(`http://127.0.0.1:${port}/chat`)).status, 426);
    const client = await start(clientBlock!, port);
    assert.equal(await client.line(), "hello");
    client.end();
    assert.match(await server.line(), /^1006 +false$/); // it was killed
  } finally {
    server.end();
  }
});

const bundler = join(root, "scripts/node_modules/esbuild/lib/main.js");
const skip = existsSync(bundler) ? false : "esbuild is not installed";

test("the README states the size of reconnect()", { skip }, async () => {
  const { ENTRY_POINTS, sizeOf } = await import("../../scripts/size.ts");
  const { gzip } = await sizeOf(["reconnect"], ENTRY_POINTS["./page"]);
  const named = [
    ...read("README.md").matchAll(/(\d+\.\d) \(`reconnect`\)|`reconnect` takes\s(\d+\.\d)/g),
  ];
  assert.equal(named.length, 3);
  for (const [words, one, other] of named) {
    assert.ok(Math.abs(Number(one ?? other) - gzip / 1000) < 0.3, `${words}: it is ${gzip}`);
  }
});
