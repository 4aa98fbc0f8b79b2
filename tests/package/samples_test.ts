// The code of the README, of the pages and of what editors show runs with the installed package: all of it
// in one process for each runtime. Their types are checked by types_test.ts.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { renamed } from "../../scripts/npm_manifest.ts";
import { freePort } from "../pages/program.ts";
import { consumer, ROOT, run, runtimes, whyNot } from "./consumer.ts";
import { samples, shown } from "./samples.ts";

const require = createRequire(join(ROOT, "scripts/package.json"));
const esbuild = require(
  "esbuild",
) as typeof import("../../scripts/node_modules/esbuild/lib/main.d.ts");

/** The README's server and its client, which run until they are stopped, and on a fixed port. */
const PAIR = samples.filter(({ title, code }) =>
  title.startsWith("README.md") && /^\/\/ (?:server|client)\.ts: /.test(code)
);

/** Those that end by themselves. */
const ENDING = samples.filter(({ isWhole, isFragment }) => isWhole || isFragment);

/** Forms of JavaScript, and the runtimes that each is for: Node 22 does not know `await using`. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  es2022: ["Node 22"],
  esnext: ["Node 24", "Node 26", "Bun", "Deno"],
};

/** Runs samples one after the other, and prints a line for each. */
const RUNNER = `
import process from "node:process";
import { end, settle } from "./harness.js";

const log = console.log;
const heard = [];
console.log = (...words) => void heard.push(words.join(" "));
const late = () => new Promise((_, reject) => setTimeout(reject, 20_000, new Error("It takes too long")));
const [, , ...files] = process.argv;
async function attempt(title, action) {
  try {
    await Promise.race([action(), late()]);
    log("ok", title);
  } catch (error) {
    log("failed", title, error);
  }
}
for (const file of files) {
  await attempt(file, async () => {
    await import("./" + file);
    await settle();
  });
}
await attempt("README", async () => {
  await import("./server.js");
  await import("./client.js");
  while (!heard.includes("hello")) await new Promise((resolve) => setTimeout(resolve, 10));
});
await end();
process.exit();
`;

function folderOf(target: string): string {
  return join(consumer, `samples_${target}`);
}

/** Returns the name of a sample's file when it is JavaScript. */
function nameOf({ file }: { readonly file: string }): string {
  return file.replace(/\.ts$/, ".js");
}

before(async () => {
  const port = String(await freePort());
  const sources = new Map(ENDING.map((it) => [nameOf(it), it.code]));
  for (const { code } of PAIR) {
    sources.set(`${/\w+/.exec(code)![0]}.js`, code.replaceAll("8080", port));
  }
  for (
    const [from, to] of [["pages/harness.ts", "harness"], ["server/certificate.ts", "certificate"]]
  ) {
    const code = renamed(await readFile(join(ROOT, "tests", from!), "utf8"));
    sources.set(`${to}.js`, code.replace("../server/certificate.ts", "./certificate.js"));
  }
  for (const target of Object.keys(TARGETS)) {
    await mkdir(folderOf(target), { recursive: true });
    await writeFile(join(folderOf(target), "run.js"), RUNNER);
    for (const [name, code] of sources) {
      const made = await esbuild.transform(code, { loader: "ts", target, format: "esm" });
      await writeFile(join(folderOf(target), name), made.code);
    }
  }
});

after(() => esbuild.stop());

test("there are samples of all kinds", () => {
  assert.equal(PAIR.length, 2);
  assert.ok(ENDING.length > 40, `${ENDING.length}`);
  assert.ok(shown.length > 25, `${shown.length}`);
});

for (const [target, names] of Object.entries(TARGETS)) {
  for (const runtime of names) {
    test(`the samples run on ${runtime}`, { skip: whyNot(runtime) }, async () => {
      const files = ENDING.map(nameOf);
      const program = [join(folderOf(target), "run.js"), ...files];
      // The project has a copy of deno.json, which says that there are no node_modules.
      const option = runtime === "Deno" ? ["--node-modules-dir=manual"] : [];
      const { status, output } = await run(
        [...runtimes[runtime]!, ...option, ...program],
        consumer,
      );
      const passed = [...output.matchAll(/^ok (.*)$/gm)].map(([, name]) => name);
      assert.deepEqual(passed, [...files, "README"], output);
      assert.equal(status, 0, output);
    });
  }
}
