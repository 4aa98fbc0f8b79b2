// The installed package on every runtime: by import and by require(), and its error where a package
// that it needs is missing.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { consumer, run, runtimes, tarball, tool, whyNot } from "./consumer.ts";

/** Function that exchanges a message, with modules that are already imported. */
const TALK = `
async function talk({ connect, serve }, { upgrade }, options) {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  });
  const socket = connect(server.url, options);
  await socket.opened;
  socket.send("hello");
  const data = await new Promise((resolve) => socket.onmessage = (event) => resolve(event.data));
  socket.close();
  await server.close();
  console.log(data);
}
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  "import.mjs": `
import * as isosocket from "isosocket";
${TALK}
await talk(isosocket, isosocket, {});
await talk(isosocket, isosocket, { engine: "tcp" });
`,
  "require.cjs": `
const isosocket = require("isosocket");
${TALK}
talk(isosocket, isosocket, {});
`,
  "both.mjs": `
import { createRequire } from "node:module";
import * as imported from "isosocket";
const require = createRequire(import.meta.url);
${TALK}
await talk(require("isosocket"), imported, {});
await talk(imported, require("isosocket/node"), {});
`,
  "specifier.mjs": `
import * as isosocket from "npm:isosocket";
${TALK}
await talk(isosocket, isosocket, {});
`,
  "missing.mjs": `
import { connect, serve } from "isosocket";
await serve({ port: 0, engine: "tcp" }, () => {}).catch((error) => console.log(error.message));
const socket = connect("ws://127.0.0.1:9/", { engine: "tcp" });
const { error } = await new Promise((resolve) => socket.onerror = resolve);
console.log(error.cause.code);
await import("isosocket/node").catch((error) => console.log(error.message));
process.exit(); // for the server, which did not start
`,
};

/** Projects outside of this repository: installed by npm, by Bun, and without the one dependency. */
const away = await mkdtemp(join(tmpdir(), "isosocket-"));
const installed = join(away, "installed");
const added = join(away, "added");
const lacking = join(away, "lacking");
const DEPENDENCY = "@remix-run/node-fetch-server";

async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  for (const [name, text] of Object.entries(PROGRAMS)) await writeFile(join(folder, name), text);
}

before(async () => {
  for (const folder of [installed, lacking]) {
    await prepare(folder);
    for (const name of ["package.json", "node_modules"]) {
      await cp(join(consumer, name), join(folder, name), { recursive: true });
    }
  }
  await rm(join(lacking, "node_modules", DEPENDENCY), { recursive: true });
});

after(() => rm(away, { recursive: true, force: true }));

async function prints(
  runtime: string,
  program: string,
  folder: string,
  expected: string,
): Promise<void> {
  const { status, output } = await run([...runtimes[runtime]!, program], folder);
  assert.equal(output.trim(), expected);
  assert.equal(status, 0);
}

for (const runtime of Object.keys(runtimes)) {
  test(
    `import "isosocket" serves and connects on ${runtime}`,
    { skip: whyNot(runtime) },
    async () => {
      await prints(runtime, "import.mjs", installed, "hello\nhello");
    },
  );

  test(
    `require("isosocket") serves and connects on ${runtime}`,
    { skip: whyNot(runtime) },
    async () => {
      await prints(runtime, "require.cjs", installed, "hello");
    },
  );

  test(
    `import and require() give the same package on ${runtime}`,
    { skip: whyNot(runtime) },
    async () => {
      await prints(runtime, "both.mjs", installed, "hello\nhello");
    },
  );
}

test('import "npm:isosocket" serves and connects on Deno', async () => {
  await prints("Deno", "specifier.mjs", installed, "hello");
});

test("bun add, and it serves and connects", async () => {
  await prepare(added);
  const { status, output } = await run([tool("bun/bin/bun.exe"), "add", tarball], added);
  assert.equal(status, 0, output);
  await prints("Bun", "import.mjs", added, "hello\nhello");
  await prints("Bun", "require.cjs", added, "hello");
});

for (const runtime of Object.keys(runtimes)) {
  test(
    `without ${DEPENDENCY}, it says on ${runtime} which package to install`,
    { skip: whyNot(runtime) },
    async () => {
      const { output } = await run([...runtimes[runtime]!, "missing.mjs"], lacking);
      const [serving, connecting, importing] = output.split("\n");
      assert.equal(serving, `Cannot serve: the package "${DEPENDENCY}" must be installed`);
      assert.equal(connecting, "ECONNREFUSED"); // clients need no package
      assert.match(importing!, /\bpackage ['"]@remix-run\/node-fetch-server['"]/i); // its own words
    },
  );
}
