// The resource that a request asks for is the same on every runtime and behind every entry point,
// whatever peers write into the request target and the Host header. No byte of a host becomes part of
// a path.

import { type Handler, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEY } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, entryPoints, type Open } from "./entry_points.ts";
import { type Answer, ask } from "./raw_client.ts";

/** Outcome of a request: the URL that a handler sees, or the status of the server's answer. */
type Outcome = string | number;

const GOOD = "good.example:81";

/** Requests: start lines without the version, the Host header, and their outcomes. */
const CASES: readonly (readonly [start: string, host: string, outcome: Outcome])[] = [
  // Targets in origin-form.
  ["GET /x?y", GOOD, "http://good.example:81/x?y"],
  ["GET //evil/admin", GOOD, "http://good.example:81//evil/admin"],
  ["GET /http://evil/admin", GOOD, "http://good.example:81/http://evil/admin"],
  ["GET /a/../b", GOOD, 400],
  ["GET /a/%2e%2E", GOOD, 400],
  ["GET /./b?c", GOOD, 400],
  ["GET http://good.example:81/a/.%2e/b", GOOD, 400],
  ["GET /.../.b/c../%2e%2e%2e/?/../d", GOOD, "http://good.example:81/.../.b/c../%2e%2e%2e/?/../d"],
  ["GET /%61dmin;x", GOOD, "http://good.example:81/%61dmin;x"],
  ["GET /a%2fb%5c%00%zz", GOOD, "http://good.example:81/a%2fb%5c%00%zz"],
  ["GET /?a=\\|{}?//b@c", GOOD, "http://good.example:81/?a=\\|{}?//b@c"],
  ["GET /\\evil/admin", GOOD, 400],
  ["GET /a\\..\\admin", GOOD, 400],
  ["GET /a#b", GOOD, 400],
  ["GET /?a#b", GOOD, 400],
  ["GET /\xe9", GOOD, 400],
  ["GET /\xc3\xa9", GOOD, 400],
  ["GET ?a", GOOD, 400],
  ["GET admin", GOOD, 400],
  ["GET #", GOOD, 400],
  ["GET *", GOOD, 400],
  // Targets in absolute-form: their authority counts (RFC 9112, 3.2.2).
  ["GET http://other:82/p?q", GOOD, "http://other:82/p?q"],
  ["GET HTTPS://Other/p", GOOD, "https://other/p"],
  ["GET ws://other", GOOD, "http://other/"],
  ["GET wss://other?q", GOOD, "https://other/?q"],
  ["GET http://other/x", "x/admin?", 400],
  ["GET http://x/admin?/p", GOOD, "http://x/admin?/p"],
  ["GET http://user:password@other/p", GOOD, 400],
  ["GET http://[::1/p", GOOD, 400],
  ["GET http://a:b/p", GOOD, 400],
  ["GET http://a\\b/p", GOOD, 400],
  ["GET http://other#p", GOOD, 400],
  ["GET ftp://other/p", GOOD, 400],
  ["GET http:/p", GOOD, 400],
  // Other forms.
  ["OPTIONS *", GOOD, 204],
  ["GET other:443", GOOD, 400],
  ["CONNECT other:443", GOOD, 400],
  // Hosts.
  ["GET /x/admin", "A.Example", "http://a.example/x/admin"],
  ["GET /x/admin", "a_b-c.~!$&'()*+;=d:8", "http://a_b-c.~!$&'()*+;=d:8/x/admin"],
  ["GET /x/admin", "192.0.2.1:", "http://192.0.2.1/x/admin"],
  ["GET /x/admin", "[2001:DB8::1]:8", "http://[2001:db8::1]:8/x/admin"],
  ...[
    "x/admin?",
    "x/admin#",
    "x?",
    "x#",
    "user@x",
    "x\\admin",
    "x%2fadmin",
    "%61",
    "a b",
    "a,b",
    "a\r\nHost: b",
    "a\r\nHost: a",
    "a:b",
    "a:99999",
    "a:1:2",
    ":80",
    "::1",
    "[::1",
    "[::1]a",
    "[1.2.3.4]",
    "\xe9",
    "\xc3\xa9",
    'a"b',
    "a<b",
    "a|b",
    "a`b",
    "a{b",
    "a^b",
    "256.1.1.1",
    "a".repeat(300),
  ].map((host) => ["GET /x/admin", host, 400] as const),
];

/** Paths that a handler sees of requests that name no host. Those of HTTP/1.0 may do so. */
const HOSTLESS: readonly (readonly [line: string, host: string, path: Outcome])[] = [
  ["GET /x/admin HTTP/1.1", "Host:\r\n", "/x/admin"],
  ["GET //x/admin HTTP/1.1", "Host: \r\n", "//x/admin"],
  ["GET /x/admin HTTP/1.0", "", "/x/admin"],
  ["GET //x/admin HTTP/1.0", "", "//x/admin"],
  ["GET /x/admin HTTP/1.1", "", 400],
];

/** A request, as {@linkcode CASES} or {@linkcode keyOf} write it, with its outcome elsewhere. */
type Deviation = readonly [request: string, outcome: Outcome, reason: string];

/** Under `node:http`. */
const NODE: readonly Deviation[] = [
  ["CONNECT other:443", 501, "node:http hands it over with its connection: it is a tunnel's"],
];

/** On Bun's own server, and under its `node:http`. */
const BUN: readonly Deviation[] = [
  ["GET ws://other", 400, "Bun takes absolute-form with http: and https: only"],
  ["GET wss://other?q", 400, "Bun takes absolute-form with http: and https: only"],
  ["OPTIONS *", 400, "Bun refuses it before any program sees it"],
];

/** Outcomes that differ, by who reads the requests. Each must be as it stands here. */
const DEVIATIONS: Readonly<Record<string, readonly Deviation[]>> = {
  deno: [
    [
      "GET /x/admin HTTP/1.1 without Host",
      "/x/admin",
      "Deno does not report whether it is HTTP/1.1 or 1.0, which needs no Host",
    ],
  ],
  bun: [
    ...([
      ["GET http://other:82/p?q", "http://good.example:81/p?q"],
      ["GET HTTPS://Other/p", "http://good.example:81/p"],
      ["GET http://x/admin?/p", "http://good.example:81/admin?/p"],
      ["GET http://user:password@other/p", "http://good.example:81/p"],
      ["GET http://[::1/p", "http://good.example:81/p"],
      ["GET http://a:b/p", "http://good.example:81/p"],
      ["GET http://a\\b/p", "http://good.example:81/p"],
      ["GET http://other#p", "http://good.example:81/"],
    ] as const).map(([start, url]) =>
      [
        start,
        url,
        "Bun takes the authority off a target, and shows that of the Host header",
      ] as const
    ),
    ...BUN,
    ...([
      ["GET /a/../b", "http://good.example:81/b"],
      ["GET /a/%2e%2E", "http://good.example:81/"],
      ["GET /./b?c", "http://good.example:81/b?c"],
      ["GET http://good.example:81/a/.%2e/b", "http://good.example:81/b"],
      ["GET /\\evil/admin", "http://good.example:81//evil/admin"],
      ["GET /a\\..\\admin", "http://good.example:81/admin"],
      ["GET /\xe9", "http://good.example:81/%EF%BF%BD"],
      ["GET /\xc3\xa9", "http://good.example:81/%C3%A9"],
    ] as const).map(([start, url]) =>
      [start, url, "Bun shows a target only as URL writes it"] as const
    ),
  ],
  node: NODE,
  "node:http of deno": NODE,
  "node:http of bun": [...NODE, ...BUN],
};

/** Name of a request that names no host, among the deviations. */
function keyOf(line: string, host: string): string {
  return host === "" ? `${line} without Host` : line;
}

function expected(
  { reader, isSecure }: EntryPoint,
  start: string,
  outcome: Outcome,
): Outcome {
  const deviating = DEVIATIONS[reader]?.find(([request]) => request === start);
  const url = deviating?.[1] ?? outcome;
  // The scheme is that of the connection, unless the target names one, and can be seen.
  const isOwn = deviating === undefined && /^[A-Z]+ \w+:/.test(start);
  return isOwn || typeof url === "number"
    ? url
    : url.replace("http:", isSecure ? "https:" : "http:");
}

const HANDSHAKE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  `Sec-WebSocket-Key: ${KEY}\r\n`;

const handler: Handler = (request) => {
  const { url, headers } = request;
  if (!headers.has("upgrade")) return new Response(url);
  const { socket, response } = upgrade(request);
  socket.onopen = () => socket.send(`${url} ${socket.url}`);
  return response;
};

/** Sends a head, each of whose characters is a byte. */
function say(open: Open, head: string): Promise<Answer> {
  return ask(open.connect, Uint8Array.from(head, (char) => char.charCodeAt(0)));
}

async function page(open: Open, line: string, host: string): Promise<Outcome> {
  const answer = await say(open, `${line}\r\n${host}Connection: close\r\n\r\n`);
  const body = answer.status === 204 ? "" : await answer.body();
  if (answer.status !== 200) return answer.status;
  await answer.peer.wire.end();
  return body;
}

async function handshake(open: Open, line: string, host: string): Promise<Outcome> {
  const answer = await say(open, `${line}\r\n${host}${HANDSHAKE}\r\n`);
  const heard = answer.status === 101 ? await answer.peer.next() : undefined;
  await answer.peer.wire.end();
  if (heard === undefined) return answer.status;
  assert.equal(heard.kind, "text");
  const [url, socketUrl] = (heard as { data: string }).data.split(" ");
  assert.equal(socketUrl, url!.replace(/^http/, "ws"));
  return url!;
}

for (const entryPoint of entryPoints) {
  let open: Open;
  before(async () => void (open = await entryPoint.open(handler)));
  after(async () => {
    TcpWire.dropAll();
    await open.close();
  });

  for (const [start, host, outcome] of CASES) {
    const line = `${start} HTTP/1.1`;
    const title = JSON.stringify(`${start}, Host: ${host.length > 99 ? "very long" : host}`);
    const should = expected(entryPoint, start, outcome);
    if (entryPoint.hasPages) {
      test(`${entryPoint.name}: a page for ${title}`, async () => {
        assert.equal(await page(open, line, `Host: ${host}\r\n`), should);
      });
    }
    if (!start.startsWith("GET")) continue;
    test(`${entryPoint.name}: a socket for ${title}`, async () => {
      assert.equal(await handshake(open, line, `Host: ${host}\r\n`), should);
    });
  }

  // A peer may name a header like a member of objects: runtimes collect headers in an object.
  for (const name of ["constructor", "__proto__", "toString"]) {
    test(`${entryPoint.name}: a request with a header "${name}"`, async () => {
      const headers = `${name}: a\r\n${name}: b\r\nHost: ${GOOD}\r\n`;
      const url = expected(entryPoint, "GET /x", `http://${GOOD}/x`);
      assert.equal(await handshake(open, "GET /x HTTP/1.1", headers), url);
      if (entryPoint.hasPages) assert.equal(await page(open, "GET /x HTTP/1.1", headers), url);
      assert.equal(Object.hasOwn(Object, "0"), false);
      assert.equal(Object.hasOwn(Object.prototype, "0"), false);
    });
  }

  for (const [line, host, outcome] of entryPoint.hasPages ? HOSTLESS : []) {
    test(`${entryPoint.name}: a page for ${JSON.stringify(`${line}, ${host}`)}`, async () => {
      const seen = await page(open, line, host);
      const should = expected(entryPoint, keyOf(line, host), outcome);
      assert.equal(typeof seen === "string" ? new URL(seen).pathname : seen, should);
    });
  }
}

test("what is wrong with a request is said, and a peer's words are made visible", async () => {
  const open = await entryPoints[0]!.open(handler);
  const answer = await say(open, "GET /x HTTP/1.1\r\nHost: x/\xe9?\r\nConnection: close\r\n\r\n");
  assert.equal(answer.header("content-type"), "text/plain; charset=utf-8");
  const body = await answer.body();
  assert.match(
    body,
    /^Bad Request: the Host header is "x\/(?:\\u00[0-9a-f]{2})+\?", and it must be/,
  );
  await open.close();
});

test("a handshake that is refused for its Host is counted, a page is not", async () => {
  for (const entryPoint of entryPoints) {
    const open = await entryPoint.open(handler);
    if (entryPoint.hasPages) await page(open, "GET /x HTTP/1.1", "Host: x/admin\r\n");
    assert.equal(await handshake(open, "GET /x HTTP/1.1", "Host: x/admin\r\n"), 400);
    assert.equal(open.hub.stats().refused.handshake, 1, entryPoint.name);
    await open.close();
  }
});
