// The README's first server and client, as processes, and the size that it states.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { runtime } from "../runtime.ts";
import { blocksOf, read, root } from "./page.ts";
import { freePort, start } from "./program.ts";

test("the README's server and its client talk", async () => {
  const programs = blocksOf("README.md").filter(({ code }) => /^\/\/ \w+\.ts: /.test(code));
  assert.deepEqual(programs.map(({ code }) => code.slice(0, 12)), ["// server.ts", "// client.ts"]);
  const [serverBlock, clientBlock] = programs;
  const port = await freePort();
  const server = await start(serverBlock!, port);
  try {
    assert.deepEqual(server.printed, [`Listening on http://127.0.0.1:${port}/`]);
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

test("the README's samples are JavaScript, too, as it says for Node 20", {
  skip: "Deno" in globalThis || "Bun" in globalThis ? "Node checks them" : false,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "isosocket-"));
  try {
    for (const { code, line } of blocksOf("README.md").filter(({ info }) => /^ts\b/.test(info))) {
      const file = join(folder, `${line}.mjs`);
      await writeFile(file, code);
      await promisify(execFile)(process.execPath, ["--check", file]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

const bundler = join(root, "scripts/node_modules/esbuild/lib/main.js");
const skip = runtime !== "node 24"
  ? "a bundle has the same size wherever it is made"
  : existsSync(bundler)
  ? false
  : "esbuild is not installed";

/** Sizes that pages state: page, pattern with a group for each, and what they are sizes of. */
const STATED: readonly (readonly [page: string, pattern: RegExp, ...of: string[]])[] = [
  [
    "README.md",
    /`connect\(\)` is (\S+) kB and `reconnect\(\)` (\S+) kB/,
    "connect",
    "reconnect",
  ],
  [
    "README.md",
    /\| kB after gzip \| (\S+) \(`reconnect`\) \| (\S+) \| (\S+) \|/,
    "reconnect",
    "partysocket",
    "socket.io-client",
  ],
  [
    "README.md",
    /half the size: (\S+) kB after gzip, where a page pays (\S+) \(`reconnect`\), or (\S+) \(`connect`\)/,
    "partysocket",
    "reconnect",
    "connect",
  ],
  [
    "docs/connecting.md",
    /`connect\(\)` takes (\S+) kB of a page, `reconnect\(\)` (\S+), after gzip/,
    "connect",
    "reconnect",
  ],
];

/** kB: the gzip of the runtimes differ by 1 %. */
const TOLERANCE = 0.15;

test("the pages state sizes as they are", { skip }, async () => {
  const { ENTRY_POINTS, sizeOf, sizeOfPeer } = await import("../../scripts/size.ts");
  const sizes = new Map<string, number>();
  for (const name of new Set(STATED.flatMap(([, , ...of]) => of))) {
    const isOurs = name === "connect" || name === "reconnect";
    const { gzip } = await (isOurs ? sizeOf([name], ENTRY_POINTS["./page"]) : sizeOfPeer(name));
    sizes.set(name, gzip / 1000);
  }
  for (const [page, pattern, ...of] of STATED) {
    const [found, ...figures] = pattern.exec(read(page).replaceAll(/\s+/g, " ")) ?? [];
    assert.ok(found !== undefined, `${page} has no ${pattern}`);
    for (const [index, name] of of.entries()) {
      const off = Math.abs(Number(figures[index]) - sizes.get(name)!);
      assert.ok(off < TOLERANCE, `${page}: ${found}: ${name} is ${sizes.get(name)} kB`);
    }
  }
});
