// What the installed package loads on Node before the first request: undici, which Node's own fetch() and
// WebSocket need, takes longer to load than all the rest.

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { consumer, run, runtimes, whyNot } from "./consumer.ts";

const program = join(consumer, "undici.mjs");

before(() =>
  writeFile(
    program,
    `
import { serve } from "isosocket";
const server = await serve({ port: 0, hostname: "127.0.0.1" }, () => new Response("Hello"));
console.log(process.moduleLoadList.filter((name) => /\\bundici\\b/.test(name)).join());
await server.close();
`,
  )
);

after(() => rm(program, { force: true }));

for (const runtime of Object.keys(runtimes).filter((name) => name.startsWith("Node"))) {
  test(`a server starts without undici on ${runtime}`, { skip: whyNot(runtime) }, async () => {
    const { status, output } = await run([...runtimes[runtime]!, program], consumer);
    assert.equal(output.trim(), "");
    assert.equal(status, 0);
  });
}
