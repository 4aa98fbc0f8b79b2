// Requests with Upgrade that are no handshakes: a server takes them for what they are without it (RFC
// 9110, 7.8), with their whole bodies. And what is nearly a handshake.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { join, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { allEntryPoints, type EntryPoint } from "./entry_points.ts";
import { assertHealthy, type Site, startSite } from "./site.ts";
import { ask, askUpgrade } from "./raw_client.ts";

const sites: Site[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const site of sites) await site.close();
});

/** Starts a server with a page that says what came, and how much of a body. */
async function start(entryPoint: EntryPoint): Promise<Site> {
  const site = await startSite(entryPoint, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/page") return undefined;
    const { length } = await request.text();
    return new Response(`${request.method} ${request.headers.get("upgrade")} ${length}`);
  });
  sites.push(site);
  return site;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Sends a request in parts, and reads the answer: status, and body. */
async function answer(site: Site, ...parts: Bytes[]): Promise<[status: number, body: string]> {
  const wire = await site.connect();
  const asked = ask(wire, parts[0]!);
  for (const part of parts.slice(1)) {
    await new Promise((resolve) => setTimeout(resolve, 10)); // in a packet of its own
    await wire.write(part);
  }
  const { status, body } = await asked;
  return [status, await body()];
}

const H2C = "Host: 127.0.0.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
  "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

/** First bytes of a client that would rather speak HTTP/2: Java's, and `curl --http2`. */
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

/** Returns why a request is not answered here as it is without Upgrade. */
function obstacle({ isNode }: EntryPoint, what: string): string | undefined {
  if (runtime !== "deno" || isNode || !what.startsWith("POST")) return undefined;
  return "Deno's own server answers 400 to a request with Upgrade and a body, or a length of 0";
}

for (const entryPoint of allEntryPoints) {
  for (const [what, parts, says] of ORDINARY) {
    const missing = obstacle(entryPoint, what);
    const suffix = missing === undefined ? "" : " (deviates)";
    test(`a ${what} for an upgrade to h2c is a page's: ${entryPoint.name}${suffix}`, async () => {
      const site = await start(entryPoint);
      const [status, body] = await answer(site, ...parts);
      if (missing !== undefined) assert.equal(status, 400, `Delete: ${missing}`);
      else assert.deepEqual([status, body], [200, says]);
      if (!entryPoint.hasPages) assert.deepEqual(site.handled, []);
      await assertHealthy(site);
    });
  }

  const later = obstacle(entryPoint, "POST") ?? "";

  test(`a client for h2c gets a 100 Continue for its body: ${entryPoint.name}${later && " (deviates)"}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    const head = h2c("POST", "Content-Length: 5\r\nExpect: 100-continue\r\n");
    const { status } = await ask(wire, head);
    if (later !== "") return assert.equal(status, 400, `Delete: ${later}`);
    assert.equal(status, 100);
    const next = await ask(wire, utf8("hello"));
    assert.deepEqual([next.status, await next.body()], [200, "POST h2c 5"]);
    await assertHealthy(site);
  });

  test(`what follows on the connection of a request for h2c is answered: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    const first = await ask(wire, h2c("GET"));
    assert.equal(await first.body(true), "GET h2c 0");
    const { status } = await ask(wire, request("/"));
    assert.equal(status, 101);
    await wire.end();
    await assertHealthy(site);
  });

  test(`websocket in a list of protocols is a handshake's: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const { status, peer } = await askUpgrade(site.connect, "/", { Upgrade: "h2c, websocket" });
    assert.equal(status, 101);
    await peer.wire.end();
    await assertHealthy(site);
  });

  const zero = runtime === "deno" && !entryPoint.isNode
    ? "Deno's own server answers 400 to a handshake with a length of 0"
    : undefined;

  test(`a length of 0 is no body: ${entryPoint.name}${zero === undefined ? "" : " (deviates)"}`, async () => {
    const site = await start(entryPoint);
    const { status, peer } = await askUpgrade(site.connect, "/", { "Content-Length": "0" });
    assert.equal(status, zero === undefined ? 101 : 400, zero && `Delete: ${zero}`);
    await peer.wire.end();
    await assertHealthy(site);
  });

  const BODIES: Readonly<Record<string, readonly [Record<string, string>, Bytes]>> = {
    "a length": [{ "Content-Length": String(2 ** 40) }, utf8(large)],
    chunks: [{ "Transfer-Encoding": "chunked" }, utf8(chunk)],
  };

  for (const [how, [headers, begin]] of Object.entries(BODIES)) {
    test(`a handshake with a body that has ${how} is refused before its end: ${entryPoint.name}`, async () => {
      const site = await start(entryPoint);
      const wire = await site.connect();
      const answered = await ask(wire, join([request("/", headers), begin]));
      assert.equal(answered.status, 400, answered.head);
      await wire.drop();
      await assertHealthy(site);
    });
  }

  test(`a handshake by another method is refused: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    for (const method of ["POST", "HEAD", "PUT", "DELETE"]) {
      const bytes = request("/", { Connection: "Upgrade, close" }, `${method} / HTTP/1.1`);
      const { status, header, peer } = await ask(site.connect, bytes);
      if (runtime === "deno" && !entryPoint.isNode && status === 400) continue; // before any handler
      assert.equal(status, 405, method);
      assert.equal(header("allow"), "GET");
      await peer.wire.end();
    }
    await assertHealthy(site);
  });

  if (!entryPoint.isNode) continue; // the other servers do not report the version

  test(`a handshake of HTTP/1.0 is refused: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const { status, body } = await ask(site.connect, request("/", {}, "GET / HTTP/1.0"));
    assert.equal(status, 400);
    assert.match(await body(), /the version of HTTP is 1\.0/);
    await assertHealthy(site);
  });
}

for (const entryPoint of allEntryPoints.filter(({ hasPages }) => hasPages)) {
  test(`a request for a tunnel is refused: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const { status, peer } = await ask(
      site.connect,
      utf8("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    );
    assert.ok([400, 405, 501].includes(status), String(status));
    await peer.wire.end();
    await assertHealthy(site);
  });
}
