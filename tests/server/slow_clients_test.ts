// Clients that take their time to ask: handshakeTimeout holds for them too, where the runtime lets it.

import { type Engine, type ListenOptions, serve, type Server } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { by, engines, FREE, SECURE } from "./places.ts";

/** ms: what a client may take, and what it is granted beyond, on a slow machine. */
const LIMIT = 500;
const GRACE = 3_000;

/** ms: who is there for so long is not held to the limit. */
const LONG = 3 * LIMIT;

/** Servers and clients for which it does not hold, and why. It must be true. */
const DEVIATIONS: readonly [where: RegExp, client: RegExp, why: string][] = [
  [/^bun native/, /./, "Bun has a limit of its own, 10 to 12 seconds, which cannot be set"],
  [/^bun tcp/, /TLS/, "What runs under the name of node:https on Bun has no limit for that"],
  [/^deno native/, /./, "Deno has no limit, and cannot drop a connection"],
];

const servers: Server[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** Starts a server that takes its time on one path. */
async function start(where: ListenOptions, engine: Engine): Promise<Server> {
  const options = { ...where, engine, handshakeTimeout: LIMIT };
  const server = await serve(options, async (request) => {
    const { length } = await request.text();
    if (new URL(request.url).pathname === "/slow") await sleep(2 * LIMIT);
    return new Response(`${length} bytes`);
  });
  servers.push(server);
  return server;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";

/** Sends a handshake byte by byte. */
function drip(wire: TcpWire): void {
  const bytes = request("/", { "X-Long": "x".repeat(1000) });
  let sent = 0;
  const timer = setInterval(() => {
    void wire.write(bytes.slice(sent, ++sent));
    if (sent === bytes.length) clearInterval(timer);
  }, 50);
  timer.unref();
}

type Client = readonly [what: string, where: ListenOptions, begin: (wire: TcpWire) => unknown];

const CLIENTS: readonly Client[] = [
  ["that says nothing", FREE, () => {}],
  ["that begins no TLS", SECURE, () => {}],
  ["that stops in the middle of its request", FREE, (wire) => wire.write(utf8(GET))],
  ["that sends its request byte by byte", FREE, drip],
  ["that sends its second request byte by byte", FREE, async (wire) => {
    await wire.write(utf8(`${GET}\r\n`));
    await readHead(wire);
    drip(wire);
  }],
];

/** Reads up to the end of a connection. */
async function ended(wire: TcpWire): Promise<void> {
  while (await wire.read() !== undefined);
}

for (const engine of engines) {
  for (const [what, where, begin] of CLIENTS) {
    const deviation = DEVIATIONS.find(([place, client]) =>
      place.test(`${runtime} ${engine}`) && client.test(what)
    )?.[2];
    const suffix = deviation === undefined ? "" : " (deviates)";
    test(`a client ${what} is dropped after handshakeTimeout${by(engine)}${suffix}`, async () => {
      const { port } = await start(where, engine);
      const begun = performance.now();
      const wire = await TcpWire.connect(port);
      await begin(wire);
      const result = await Promise.race([
        ended(wire).then(() => performance.now() - begun),
        sleep(deviation === undefined ? LIMIT + GRACE : LONG),
      ]);
      if (deviation !== undefined) {
        return assert.equal(result, undefined, `It was dropped, so delete: ${deviation}`);
      }
      assert.ok(result !== undefined, "It is still connected");
      assert.ok(result >= 0.8 * LIMIT, `It was dropped after ${result} ms`); // the clocks differ
    });
  }

  test(`handshakeTimeout is no limit for bodies, nor for answers${by(engine)}`, async () => {
    const wire = await TcpWire.connect((await start(FREE, engine)).port);
    await wire.write(utf8("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab"));
    await sleep(2 * LIMIT);
    await wire.write(utf8("cd"));
    assert.match((await readHead(wire))?.head ?? "", /^HTTP\/1.1 200/);
  });
}
