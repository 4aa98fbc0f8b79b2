// The installed package in bundles for pages: no bundler asks for a polyfill of Node, and what a page
// cannot do says so.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { consumer, ROOT, run } from "./consumer.ts";

const require = createRequire(join(ROOT, "scripts/package.json"));
const esbuild = require(
  "esbuild",
) as typeof import("../../scripts/node_modules/esbuild/lib/main.d.ts");

/** What a bundle is, and what its bundler says of it. */
interface Bundle {
  readonly code: string;
  readonly warnings: readonly string[];
}

type Bundler = (entry: string) => Promise<Bundle>;

async function byEsbuild(entry: string): Promise<Bundle> {
  const { outputFiles, warnings } = await esbuild.build({
    entryPoints: [entry],
    absWorkingDir: consumer,
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
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

async function byVite(entry: string): Promise<Bundle> {
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
      minify: false,
      lib: { entry, formats: ["iife"], name: "page" },
    },
  }) as [Awaited<ReturnType<Vite["build"]>>[number]];
  return { code: output[0]!.code, warnings };
}

after(() => esbuild.stop());

const BUNDLERS: Readonly<Record<string, Bundler>> = { esbuild: byEsbuild, Vite: byVite };

/** Before a bundle: none of what tells Node from a page, and a WebSocket that only tells. */
const BEFORE = `
const { exit } = process;
for (const name of ["process", "global", "setImmediate"]) delete globalThis[name];
function tell(what) {
  console.log(what);
}
globalThis.WebSocket = class extends EventTarget {
  readyState = 0;
  constructor(url) {
    super();
    tell("connects to " + url);
  }
};
`;

/** Runs a bundle where there is no more than in a page: what it tells. */
async function inPage(code: string): Promise<string> {
  const path = join(consumer, "page_bundle.cjs");
  await writeFile(path, `${BEFORE}${code}\nsetTimeout(exit);\n`);
  return (await run([process.execPath, path], consumer)).output.trim();
}

const NO_SERVER = 'this is neither Deno, Bun nor Node, so it must be connect() of "./client"';

/** Programs of pages, and what they tell. */
const PAGES: Readonly<Record<string, { readonly code: string; readonly told: readonly string[] }>> =
  {
    "the main door": {
      code: `
import * as isosocket from "isosocket";
isosocket.connect("ws://page.example/");
isosocket.serve({}, () => {}).catch(({ name, message }) => tell(name + ": " + message));
try { isosocket.connect("ws://page.example/", { engine: "ws" }); } catch ({ name, message }) { tell(name + ": " + message); }
`,
      told: [
        "connects to ws://page.example/",
        'NotSupportedError: Cannot connect with engine "ws" here: it needs node:net',
        `NotSupportedError: Cannot serve here: ${NO_SERVER}`,
      ],
    },
    "the client's door": {
      code: `
import { connect, WebSocket } from "isosocket/client";
connect("ws://page.example/");
new WebSocket("ws://page.example/class");
`,
      told: ["connects to ws://page.example/", "connects to ws://page.example/class"],
    },
    "the door for tests": {
      code: `
import { pair } from "isosocket/testing";
tell("readyState " + pair().client.readyState);
`,
      told: ["readyState 0"],
    },
    "require() of the client's door": {
      code: `
require("isosocket/client").connect("ws://page.example/");
`,
      told: ["connects to ws://page.example/"],
    },
    ...Object.fromEntries(
      [["deno", "wrap"], ["bun", "wrap"], ["node", "attach"]].map(([door, name]) => [
        `the door of servers ./${door}`,
        {
          code: `
import { ${name}, upgrade, UpgradeError } from "isosocket/${door}";
try { ${name}(); } catch ({ name, message }) { tell(name + ": " + message); }
tell(typeof upgrade + typeof UpgradeError);
`,
          told: [`TypeError: Cannot ${name} here: ${NO_SERVER}`, "functionfunction"],
        },
      ]),
    ),
  };

for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
  for (const [page, { code, told }] of Object.entries(PAGES)) {
    test(`${bundler} bundles ${page}, and asks for nothing of Node's`, async () => {
      const entry = join(consumer, page.startsWith("require") ? "page.cjs" : "page.mjs");
      await writeFile(entry, code);
      const bundled = await bundle(entry);
      assert.deepEqual(bundled.warnings, []);
      assert.doesNotMatch(
        bundled.code,
        /(?:from|require\(|import\()\s*["'`](?:node:|ws["'`]|@remix)/,
      );
      assert.doesNotMatch(bundled.code, /__vite-browser-external/);
      assert.equal(await inPage(bundled.code), told.join("\n"));
    });
  }
}
