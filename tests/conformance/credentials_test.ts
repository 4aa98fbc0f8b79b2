// Credentials in the address of a server are sent to it, and never reported.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/mod.ts";

test("the judge sends the credentials in an address, and reports none", async () => {
  const seen = new Set<string | undefined>();
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on("upgrade", ({ headers }, socket) => {
    seen.add(headers.authorization);
    socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const run = await judgeServer(`ws://us%C3%A9r:p%40ss@127.0.0.1:${port}/a`, { timeout: 1000 });
  server.closeAllConnections();
  server.close();
  assert.deepEqual([...seen], ["Basic dXPDqXI6cEBzcw=="]);
  assert.equal(run.target, `ws://127.0.0.1:${port}/a`);
  assert.ok(!JSON.stringify(run).includes("p%40ss"));
  await assert.rejects(judgeServer("ftp://user:s3cret@127.0.0.1/"), (error: Error) => {
    return error instanceof TypeError && !error.message.includes("s3cret");
  });
});
