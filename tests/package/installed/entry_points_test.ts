// The installed package: every entry point loads, by `import` and by `require()`, and the command runs.
// These tests run in the project in which it is installed.

import { connect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { watch } from "../../../scripts/processes/unhandled.ts";

const consumer = pathToFileURL(`${process.cwd()}/`);
const require = createRequire(consumer);
const manifest = JSON.parse(
  await readFile(new URL("node_modules/isosocket/package.json", consumer), "utf8"),
);

/** Some exports of each entry point. */
const ENTRY_POINTS: Readonly<Record<string, readonly string[]>> = {
  ".": ["connect", "serve", "Socket", "upgrade", "UpgradeError"],
  "./client": ["connect", "Socket"],
  "./page": ["connect", "Socket"],
  "./deno": ["upgrade", "UpgradeError", "wrap"],
  "./bun": ["upgrade", "UpgradeError", "websocket", "wrap"],
  "./node": ["attach", "upgrade", "UpgradeError"],
  "./history": ["history"],
  "./presence": ["presence"],
  "./recover": ["recover"],
  "./redis": ["redis"],
  "./nats": ["nats"],
  "./postgres": ["postgres"],
  "./cluster": ["cluster", "relay"],
  "./testing": ["FakeClock", "MemoryBroker", "pair", "scriptedServer", "Socket"],
  "./testing/contract": ["applies", "brokerRules", "hold", "rules"],
  "./conformance": ["cases", "judgeClients", "judgeServer", "play"],
};

test("the package has the entry points that are tested here", () => {
  assert.deepEqual(Object.keys(manifest.exports).toSorted(), Object.keys(ENTRY_POINTS).toSorted());
});

for (const [path, names] of Object.entries(ENTRY_POINTS)) {
  const specifier = path.replace(".", "isosocket");

  test(`import "${specifier}"`, async () => {
    const module = await import(specifier);
    for (const name of names) assert.ok(name in module, name);
  });

  test(`require("${specifier}")`, () => {
    const module = require(specifier);
    for (const name of names) assert.ok(name in module, name);
  });
}

/** Returns all files that a part of the manifest names. */
function named(value: unknown): string[] {
  if (typeof value === "string") return /^\.\/.*\.(js|ts)$/.test(value) ? [value] : [];
  return Object.entries(Object(value)).flatMap(([key, inner]) => [...named(key), ...named(inner)]);
}

test("every file that the manifest names is there", async () => {
  const files = named(manifest);
  assert.ok(files.length > 50, `${files.length} files`);
  for (const path of files) {
    await readFile(new URL(`node_modules/isosocket/${path}`, consumer));
  }
});

test("every entry point has its types, for import and for require()", () => {
  for (const [path, conditions] of Object.entries<Record<string, unknown>>(manifest.exports)) {
    const names = Object.keys(conditions);
    const wanted = ["module-sync", "bun", "import", "require"];
    if (path === "./client") wanted.unshift("workerd", "react-native"); // no pages, though "browser" is set
    if (names.includes("browser")) wanted.splice(-4, 0, "browser");
    assert.deepEqual(names, wanted, path);
    for (const [name, condition] of Object.entries(conditions)) {
      const forms = name === "browser" ? ["module", "require"] : []; // Jest's pages can only require()
      assert.deepEqual(Object.keys(condition!), ["types", ...forms, "default"], path);
    }
  }
});

test("the manifest says what npm shows and needs", () => {
  const { name, type, engines, sideEffects, bin, license, description, keywords } = manifest;
  assert.deepEqual(
    { name, type, engines, sideEffects, license },
    {
      name: "isosocket",
      type: "module",
      engines: { node: ">=20" },
      sideEffects: false,
      license: "MIT",
    },
  );
  assert.deepEqual(Object.keys(bin), ["isosocket"]);
  assert.ok(description.length > 20 && keywords.includes("websocket"));
});

test("npx isosocket serve", { timeout: 60_000 }, async () => {
  // npx finds the node that runs this. A group of its own, since npm ends no more than a shell.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
  const args = ["--no-install", "isosocket", "serve", "--port", "0"];
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const npx = watch(spawn("npx", args, { env, detached: true, stdio: [...stdio] }), true);
  const ended = new Promise((resolve) => npx.on("close", resolve));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = "";
      npx.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        const found = /http:\S+/.exec(text);
        if (found !== null) resolve(found[0]);
      });
      ended.then(() => reject(new Error(`It ended: ${text}`)));
    });
    assert.match(await (await fetch(url)).text(), /<!doctype html>/i);
    const socket = connect(url);
    socket.onopen = () => socket.send("hello");
    const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
    assert.equal(data, "hello");
    socket.close();
  } finally {
    process.kill(-npx.pid!, "SIGTERM");
    await ended;
  }
});
