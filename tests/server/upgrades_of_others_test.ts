// Requests with Upgrade that are no handshakes: a server takes them for what they are without it (RFC
// 9110, 7.8), with their whole bodies. And what is nearly a handshake.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { join, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { type NodeEntryPoint, nodeEntryPoints, type Running } from "./sites.ts";
import { ask, askUpgrade } from "./raw_client.ts";

const running: Running[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const { stop } of running) await stop();
});

/** Starts a server with a page that says what came, and how much of a body. */
async function start(door: NodeEntryPoint): Promise<Running> {
  const site = await door.start(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/page") return undefined;
    const { length } = await request.text();
    return new Response(`${request.method} ${request.headers.get("upgrade")} ${length}`);
  });
  running.push(site);
  return site;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Sends a request in parts, and reads the answer: status, and body. */
async function answer(site: Running, ...parts: Bytes[]): Promise<[status: number, body: string]> {
  const wire = await site.to();
  const asked = ask(() => Promise.resolve(wire), parts[0]!);
  for (const part of parts.slice(1)) {
    await new Promise((resolve) => setTimeout(resolve, 10)); // in a packet of its own
    await wire.write(part);
  }
  const { status, body } = await asked;
  return [status, await body()];
}

/** Shows that a server takes new clients, and was told of no error. */
async function lives({ to, errors }: Running): Promise<void> {
  const { status, far } = await askUpgrade(to);
  assert.equal(status, 101);
  await far.send("alive");
  assert.deepEqual(await far.next(), { kind: "text", data: "alive" });
  await far.wire.end();
  assert.deepEqual(errors, []);
}

const H2C = "Host: 127.0.0.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
  "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

/** How a client begins that would rather speak HTTP/2: Java's, and `curl --http2`. */
function h2c(method: string, more = "", body = ""): Bytes {
  return utf8(`${method} /page HTTP/1.1\r\n${H2C}${more}\r\n${body}`);
}

/** Characters of a body that no buffer holds. */
const LARGE = 300_000;

const large = "x".repeat(LARGE);
const chunk = `${LARGE.toString(16)}\r\n${large}\r\n`;

const ORDINARY: readonly (readonly [what: string, parts: Bytes[], says: string])[] = [
  ["GET", [h2c("GET")], "GET h2c 0"],
  ["POST without a body", [h2c("POST", "Content-Length: 0\r\n")], "POST h2c 0"],
  ["POST with a body", [h2c("POST", "Content-Length: 5\r\n", "hello")], "POST h2c 5"],
  [
    "POST with a large body",
    [h2c("POST", `Content-Length: ${LARGE}\r\n`, large)],
    `POST h2c ${LARGE}`,
  ],
  [
    "POST whose body comes later",
    [h2c("POST", "Content-Length: 5\r\n"), utf8("hello")],
    "POST h2c 5",
  ],
  [
    "POST in large chunks",
    [h2c("POST", "Transfer-Encoding: chunked\r\n", chunk), utf8(chunk), utf8("0\r\n\r\n")],
    `POST h2c ${2 * LARGE}`,
  ],
];

/** Why a request is not what it is without Upgrade, as it is here. */
function obstacle({ isNode }: NodeEntryPoint, what: string): string | undefined {
  if (runtime !== "deno" || isNode || !what.startsWith("POST")) return undefined;
  return "Deno's own server answers 400 to a request with Upgrade and a body, or a length of 0";
}

for (const door of nodeEntryPoints) {
  for (const [what, parts, says] of ORDINARY) {
    const missing = obstacle(door, what);
    const suffix = missing === undefined ? "" : " (deviates)";
    test(`a ${what} for an upgrade to h2c is a page's: ${door.name}${suffix}`, async () => {
      const site = await start(door);
      const [status, body] = await answer(site, ...parts);
      if (missing !== undefined) assert.equal(status, 400, `Delete: ${missing}`);
      else assert.deepEqual([status, body], [200, says]);
      if (door.isAttached) assert.deepEqual(site.handled, []);
      await lives(site);
    });
  }

  const later = obstacle(door, "POST") ?? "";

  test(`a client for h2c is told to go on with its body: ${door.name}${later && " (deviates)"}`, async () => {
    const site = await start(door);
    const wire = await site.to();
    const head = h2c("POST", "Content-Length: 5\r\nExpect: 100-continue\r\n");
    const { status } = await ask(() => Promise.resolve(wire), head);
    if (later !== "") return assert.equal(status, 400, `Delete: ${later}`);
    assert.equal(status, 100);
    const next = await ask(() => Promise.resolve(wire), utf8("hello"));
    assert.deepEqual([next.status, await next.body()], [200, "POST h2c 5"]);
    await lives(site);
  });

  test(`what follows on the connection of a request for h2c is answered: ${door.name}`, async () => {
    const site = await start(door);
    const wire = await site.to();
    const first = await ask(() => Promise.resolve(wire), h2c("GET"));
    assert.equal(await first.body(true), "GET h2c 0");
    const { status } = await ask(() => Promise.resolve(wire), request("/"));
    assert.equal(status, 101);
    await wire.end();
    await lives(site);
  });

  test(`websocket in a list of protocols is a handshake's: ${door.name}`, async () => {
    const site = await start(door);
    const { status, far } = await askUpgrade(site.to, "/", { Upgrade: "h2c, websocket" });
    assert.equal(status, 101);
    await far.wire.end();
    await lives(site);
  });

  const zero = runtime === "deno" && !door.isNode
    ? "Deno's own server answers 400 to a handshake with a length of 0"
    : undefined;

  test(`a length of 0 is no body: ${door.name}${zero === undefined ? "" : " (deviates)"}`, async () => {
    const site = await start(door);
    const { status, far } = await askUpgrade(site.to, "/", { "Content-Length": "0" });
    assert.equal(status, zero === undefined ? 101 : 400, zero && `Delete: ${zero}`);
    await far.wire.end();
    await lives(site);
  });

  const BODIES: Readonly<Record<string, readonly [Record<string, string>, Bytes]>> = {
    "a length": [{ "Content-Length": String(2 ** 40) }, utf8(large)],
    chunks: [{ "Transfer-Encoding": "chunked" }, utf8(chunk)],
  };

  for (const [how, [headers, begin]] of Object.entries(BODIES)) {
    test(`a handshake with a body that has ${how} is refused before its end: ${door.name}`, async () => {
      const site = await start(door);
      const wire = await site.to();
      const answered = await ask(() => Promise.resolve(wire), join([request("/", headers), begin]));
      assert.equal(answered.status, 400, answered.head);
      await wire.drop();
      await lives(site);
    });
  }

  test(`a handshake by another method is refused: ${door.name}`, async () => {
    const site = await start(door);
    for (const method of ["POST", "HEAD", "PUT", "DELETE"]) {
      const bytes = request("/", { Connection: "Upgrade, close" }, `${method} / HTTP/1.1`);
      const { status, header, far } = await ask(site.to, bytes);
      if (runtime === "deno" && !door.isNode && status === 400) continue; // before any handler
      assert.equal(status, 405, method);
      assert.equal(header("allow"), "GET");
      await far.wire.end();
    }
    await lives(site);
  });

  if (!door.isNode) continue; // the other servers do not tell which version it is

  test(`a handshake of HTTP/1.0 is refused: ${door.name}`, async () => {
    const site = await start(door);
    const { status, body } = await ask(site.to, request("/", {}, "GET / HTTP/1.0"));
    assert.equal(status, 400);
    assert.match(await body(), /the version of HTTP is 1\.0/);
    await lives(site);
  });
}

for (const door of nodeEntryPoints.filter(({ isAttached }) => !isAttached)) {
  test(`a request for a tunnel is refused: ${door.name}`, async () => {
    const site = await start(door);
    const { status, far } = await ask(site.to, utf8("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"));
    assert.ok([400, 405, 501].includes(status), String(status));
    await far.wire.end();
    await lives(site);
  });
}
