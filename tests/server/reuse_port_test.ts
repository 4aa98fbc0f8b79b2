// reusePort: which servers may share a port, and where the runtime cannot.

import { type Engine, serve, type ServeOptions, type Server } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { platform } from "node:os";
import { after, test } from "node:test";
import { runtime } from "../runtime.ts";
import { by, engines, FREE, SECURE } from "./places.ts";

const servers: Server[] = [];

after(async () => {
  for (const server of servers) await server.close({ deadline: 0 });
});

async function start(options: ServeOptions): Promise<Server> {
  const server = await serve({ ...FREE, ...options }, () => new Response("a page"));
  servers.push(server);
  return server;
}

/** Returns why an engine cannot do it here. */
function obstacle(engine: Engine): string | undefined {
  if (runtime === "node 20") return "Node has it from 22.12 on, and this is 20.";
  if (runtime === "bun" && engine === "tcp") return "Bun has it on its own server only";
  if (runtime === "deno" && engine === "native" && !hasUnstableNet()) {
    return "Deno's own server does so only with the flag --unstable-net";
  }
  if (platform() === "linux") return undefined;
  return runtime === "bun" ? "Bun does so on Linux only" : "this system does not have it";
}

function hasUnstableNet(): boolean {
  return "listenDatagram" in (globalThis as { Deno?: object }).Deno!;
}

for (const engine of engines) {
  const missing = obstacle(engine);

  if (missing !== undefined) {
    test(`where it cannot be done, reusePort is refused${by(engine)}`, async () => {
      await assert.rejects(start({ engine, reusePort: true }), (error: Error) => {
        assert.equal(error.name, "NotSupportedError");
        const message = `Cannot listen with reusePort: ${missing}`;
        assert.ok(error.message.startsWith(message), error.message);
        return true;
      });
    });
    continue;
  }

  for (const [name, place] of Object.entries({ TCP: FREE, TLS: SECURE })) {
    test(`servers that ask for it share a port over ${name}, and no others${by(engine)}`, async () => {
      const { port } = await start({ ...place, engine, reusePort: true });
      assert.equal((await start({ ...place, engine, port, reusePort: true })).port, port);
      const message = `Cannot listen on 127.0.0.1:${port}: the port is in use`;
      await assert.rejects(start({ ...place, engine, port }), { message });
    });
  }

  test(`who did not ask for it has the port alone${by(engine)}`, async () => {
    const { port } = await start({ engine });
    const message = `Cannot listen on 127.0.0.1:${port}: the port is in use`;
    await assert.rejects(start({ engine, port, reusePort: true }), { message });
  });
}

if (runtime !== "node 20" && platform() === "linux") {
  test("without a word about engines, one is taken that can do it", async () => {
    const { port } = await start({ reusePort: true });
    assert.equal((await start({ port, reusePort: true })).port, port);
  });
}
