// The server and the client on the first screen of the README, as processes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf } from "./page.ts";
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
