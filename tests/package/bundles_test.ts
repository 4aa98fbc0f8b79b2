// The installed package in bundles for pages: no bundler needs a polyfill of Node, and calls that a page
// cannot make fail with an error that says so.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { consumer, ROOT, run } from "./consumer.ts";

const require = createRequire(join(ROOT, "scripts/package.json"));
const esbuild = require(
  "esbuild",
) as typeof import("../../scripts/node_modules/esbuild/lib/main.d.ts");

/** A bundle, and the warnings of its bundler. */
interface Bundle {
  readonly code: string;
  readonly warnings: readonly string[];
}

type Bundler = (entry: string, minify?: boolean) => Promise<Bundle>;

async function byEsbuild(entry: string, minify = false): Promise<Bundle> {
  const { outputFiles, warnings } = await esbuild.build({
    entryPoints: [entry],
    absWorkingDir: consumer,
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    minify,
    write: false,
    logLevel: "silent",
  });
  return { code: outputFiles[0]!.text, warnings: warnings.map(({ text }) => text) };
}

/** The part of Vite that is used here. */
interface Vite {
  build(
    config: object,
  ): Promise<readonly { readonly output: readonly { readonly code: string }[] }[]>;
}

async function byVite(entry: string, minify = false): Promise<Bundle> {
  const { build }: Vite = await import(require.resolve("vite"));
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const [{ output }] = await build({
    root: consumer,
    configFile: false,
    logLevel: "warn",
    customLogger: {
      info() {},
      clearScreen() {},
      hasErrorLogged: () => false,
      warn,
      warnOnce: warn,
      error: warn,
      hasWarned: false,
    },
    build: {
      write: false,
      minify,
      lib: { entry, formats: ["iife"], name: "page" },
    },
  }) as [Awaited<ReturnType<Vite["build"]>>[number]];
  return { code: output[0]!.code, warnings };
}

after(() => esbuild.stop());

const BUNDLERS: Readonly<Record<string, Bundler>> = { esbuild: byEsbuild, Vite: byVite };

/** Runs before a bundle: removes what distinguishes Node from a page; its WebSocket only logs. */
const BEFORE = `
const { exit } = process;
for (const name of ["process", "global", "setImmediate"]) delete globalThis[name];
function log(line) {
  console.log(line);
}
globalThis.WebSocket = class extends EventTarget {
  readyState = 0;
  constructor(url) {
    super();
    log("connects to " + url);
  }
};
`;

/** Runs a bundle where there is no more than in a page. Resolves with its output. */
async function inPage(code: string): Promise<string> {
  const path = join(consumer, "page_bundle.cjs");
  await writeFile(path, `${BEFORE}${code}\nsetTimeout(exit);\n`);
  return (await run([process.execPath, path], consumer)).output.trim();
}

const NO_SERVER =
  'this is neither Deno, Bun nor Node, so it must be connect() of "isosocket/client"';

/** Programs of pages, and the lines that they print. */
const PAGES: Readonly<
  Record<string, { readonly code: string; readonly output: readonly string[] }>
> = {
  "the main entry point": {
    code: `
import * as isosocket from "isosocket";
isosocket.connect("ws://page.example/");
isosocket.serve({}, () => {}).catch(({ name, message }) => log(name + ": " + message));
try { isosocket.connect("ws://page.example/", { engine: "tcp" }); } catch ({ name, message }) { log(name + ": " + message); }
`,
    output: [
      "connects to ws://page.example/",
      "NotSupportedError: Cannot choose headers, engine, tls or compression here",
      `NotSupportedError: Cannot serve here: ${NO_SERVER}`,
    ],
  },
  "the client's entry point": {
    code: `
import { connect, WebSocket } from "isosocket/client";
connect("ws://page.example/");
new WebSocket("ws://page.example/class");
`,
    output: ["connects to ws://page.example/", "connects to ws://page.example/class"],
  },
  "the entry point for tests": {
    code: `
import { pair } from "isosocket/testing";
log("readyState " + pair().client.readyState);
`,
    output: ["readyState 0"],
  },
  "require() of the client's entry point": {
    code: `
require("isosocket/client").connect("ws://page.example/");
`,
    output: ["connects to ws://page.example/"],
  },
  ...Object.fromEntries(
    [["deno", "wrap"], ["bun", "wrap"], ["node", "attach"]].map(([entry, name]) => [
      `the entry point of servers ./${entry}`,
      {
        code: `
import { ${name}, upgrade, UpgradeError } from "isosocket/${entry}";
try { ${name}(); } catch ({ name, message }) { log(name + ": " + message); }
log(typeof upgrade + typeof UpgradeError);
`,
        output: [`TypeError: Cannot ${name} here: ${NO_SERVER}`, "functionfunction"],
      },
    ]),
  ),
};

for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
  for (const [page, { code, output }] of Object.entries(PAGES)) {
    test(`${bundler} bundles ${page}, and needs nothing of Node's`, async () => {
      const entry = join(consumer, page.startsWith("require") ? "page.cjs" : "page.mjs");
      await writeFile(entry, code);
      const bundled = await bundle(entry);
      assert.deepEqual(bundled.warnings, []);
      assert.doesNotMatch(
        bundled.code.replaceAll(/^\s*\*.*$/gm, ""), // without examples in comments
        /(?:from|require\(|import\()\s*["'`](?:node:|ws["'`]|@remix)/,
      );
      assert.doesNotMatch(bundled.code, /__vite-browser-external/);
      assert.equal(await inPage(bundled.code), output.join("\n"));
    });
  }
}

/** Programs of pages, and what the README says of their size: kB after gzip. */
const SIZES: Readonly<Record<string, RegExp>> = {
  'import { connect } from "isosocket/client"; connect("/");': /(\d\.\d) \(`connect`\)/,
  'import { reconnect } from "isosocket/client"; reconnect("/");': /(\d\.\d) \(`reconnect`\)/,
};

for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
  for (const [code, stated] of Object.entries(SIZES)) {
    test(`${bundler} makes of ${code} what the README says, and little more of "isosocket"`, async () => {
      const readme = await readFile(join(ROOT, "README.md"), "utf8");
      const kB = Number(stated.exec(readme)![1]);
      const entry = join(consumer, "size.mjs");
      await writeFile(entry, code);
      const size = gzipSync((await bundle(entry, true)).code, { level: 9 }).length;
      const below = kB - size / 1000; // the README rounds
      assert.ok(below >= -0.05 && below < 0.2, `${size} bytes, and ${kB} kB`);
      await writeFile(entry, code.replace("isosocket/client", "isosocket"));
      const whole = gzipSync((await bundle(entry, true)).code, { level: 9 }).length;
      assert.ok(whole <= size + 500, `${whole} bytes, and ${size} of "isosocket/client"`);
    });
  }
}

test("Workers and React Native get the full client, though bundlers set browser for them too", async () => {
  const entry = join(consumer, "conditions.mjs");
  await writeFile(entry, 'export { connect } from "isosocket/client";');
  for (
    const [condition, file] of [["workerd", "client"], ["react-native", "client"], ["x", "page"]]
  ) {
    const { metafile } = await esbuild.build({
      entryPoints: [entry],
      absWorkingDir: consumer,
      bundle: true,
      format: "esm",
      platform: "browser",
      conditions: [condition!],
      metafile: true,
      write: false,
    });
    const loaded = Object.keys(metafile.inputs).filter((path) =>
      /\/(?:client|page)\/mod/.test(path)
    );
    assert.deepEqual(loaded, [`node_modules/isosocket/esm/src/${file}/mod.js`], condition);
  }
});
