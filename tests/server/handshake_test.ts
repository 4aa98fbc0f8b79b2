// The opening handshake at a server: what is refused, and how; what is agreed on.

import { serve, type Server, upgrade, UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEY, request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { ask, askUpgrade } from "./raw_client.ts";

let server: Server;

before(async () => {
  server = await serve({ port: 0, hostname: "127.0.0.1", onRefuse: false }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/page") return new Response("a page");
    const { socket, response } = upgrade(request, {
      protocols: ["chat.v2", "chat.v1"],
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-One", "1"]],
    });
    socket.onmessage = (event) => socket.send(event.data);
    if (pathname !== "/copied") return response;
    const copy = new Response(response.body, response);
    copy.headers.append("X-Two", "2");
    copy.headers.append("Set-Cookie", "c=3");
    copy.headers.set("Upgrade", "h2c");
    return copy;
  });
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

const HEADERS: [string, Record<string, string | null>, number, RegExp][] = [
  ["no Upgrade header", { Upgrade: null, Connection: "close" }, 426, /Upgrade header/],
  ["another Upgrade", { Upgrade: "h2c", Connection: "close" }, 426, /Upgrade header/],
  ["no Connection header", { Connection: null }, 400, /Connection header/],
  ["Connection: keep-alive", { Connection: "keep-alive" }, 400, /Connection header/],
  ["a version beyond ASCII", { "Sec-WebSocket-Version": "1\u00e9" }, 426, /is "1[ -~]+"/],
  ["no version", { "Sec-WebSocket-Version": null }, 426, /missing/],
  ["version 8", { "Sec-WebSocket-Version": "8" }, 426, /is "8"/],
  ["version 14", { "Sec-WebSocket-Version": "14" }, 426, /is "14"/],
  ["several versions", { "Sec-WebSocket-Version": "13, 8" }, 426, /is "13, 8"/],
  ["no key", { "Sec-WebSocket-Key": null }, 400, /Key/],
  ["an empty key", { "Sec-WebSocket-Key": "" }, 400, /Key/],
  ["a short key", { "Sec-WebSocket-Key": "abc" }, 400, /Key/],
  ["a key of 15 bytes", { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" }, 400, /Key/],
  ["a key that is not base64", { "Sec-WebSocket-Key": "!".repeat(22) + "==" }, 400, /Key/],
  ["a subprotocol with a space", { "Sec-WebSocket-Protocol": "a b" }, 400, /Protocol/],
  ["an empty subprotocol list", { "Sec-WebSocket-Protocol": "," }, 400, /Protocol/],
  ["an extension without a name", { "Sec-WebSocket-Extensions": "; a" }, 400, /Extensions/],
  ["a parameter of two words", { "Sec-WebSocket-Extensions": "a; b=c d" }, 400, /Extensions/],
  ["quotes that do not end", { "Sec-WebSocket-Extensions": 'a; b="c' }, 400, /Extensions/],
  ["a subprotocol twice", { "Sec-WebSocket-Protocol": "a, b,a" }, 400, /twice/],
];

for (const [what, headers, status, says] of HEADERS) {
  test(`a handshake with ${what} is refused with ${status}`, async () => {
    const answer = await askUpgrade(server.port, "/", headers);
    assert.equal(answer.status, status, answer.head);
    assert.match(await answer.body(), says);
    if (status !== 426) return;
    assert.equal(answer.header("sec-websocket-version"), "13");
    assert.match(answer.header("upgrade") ?? "", /websocket/);
  });
}

const HOSTS = ["a b", "user@a", "a/b", "a?b", "a:port", "[::1", "a, b", "", "a\r\nHost: b"];

for (const host of HOSTS) {
  test(`a handshake whose Host is ${JSON.stringify(host)} is refused with 400`, async () => {
    const answer = await askUpgrade(server.port, "/", { Host: host });
    assert.equal(answer.status, 400, answer.head); // by some runtimes before any handler is called
    await answer.body();
  });
}

test("a handshake with another method is refused", async () => {
  const answer = await ask(server.port, request("/", { "Content-Length": "0" }, "POST / HTTP/1.1"));
  // Deno refuses with 400 before any handler is called.
  assert.ok([400, 405].includes(answer.status), answer.head);
  if (answer.status === 405) assert.equal(answer.header("allow"), "GET");
  await answer.body();
});

test("a handshake with a body is refused", async () => {
  const answer = await askUpgrade(server.port, "/", { "Content-Length": "1" });
  assert.equal(answer.status, 400); // on Deno before any handler is called
  await answer.body();
});

test("a key that comes twice is refused", async () => {
  const twice = new TextDecoder().decode(request("/")).trimEnd() +
    `\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`;
  const answer = await ask(server.port, utf8(twice));
  assert.equal(answer.status, 400);
  await answer.body();
});

const FORMS: [string, Record<string, string>][] = [
  ["names in another case", { Upgrade: "WebSocket", Connection: "UPGRADE" }],
  ["unknown extensions", { "Sec-WebSocket-Extensions": 'a, b; c; d=1 ; e="f", ,b' }],
  ["lists", { Upgrade: "foo, websocket", Connection: "keep-alive, Upgrade" }],
];

for (const [what, headers] of FORMS) {
  test(`a handshake with ${what} is accepted`, async () => {
    const answer = await askUpgrade(server.port, "/", headers);
    assert.equal(answer.status, 101, answer.head);
    assert.equal(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert.equal(answer.header("upgrade")?.toLowerCase(), "websocket");
    assert.equal(answer.header("connection")?.toLowerCase(), "upgrade");
    await answer.peer.send("still in step");
    assert.deepEqual(await answer.peer.next(), { kind: "text", data: "still in step" });
    await answer.peer.wire.end();
  });
}

const CHOICES: [string | null, string | undefined][] = [
  [null, undefined],
  ["chat.v1", "chat.v1"],
  ["chat.v1,chat.v2", "chat.v2"],
  ["x, chat.v1 , y", "chat.v1"],
  ["Chat.v1", undefined],
  ["x, y", undefined],
];

for (const [offered, chosen] of CHOICES) {
  test(`of ${offered ?? "no subprotocol"}, ${chosen ?? "none"} is chosen`, async () => {
    const answer = await askUpgrade(server.port, "/", { "Sec-WebSocket-Protocol": offered });
    assert.equal(answer.status, 101);
    assert.equal(answer.header("sec-websocket-protocol"), chosen);
    await answer.peer.wire.end();
  });
}

test("further headers of the answer are sent, several cookies too", async () => {
  const answer = await askUpgrade(server.port);
  assert.equal(answer.header("set-cookie"), "a=1, b=2");
  assert.equal(answer.header("x-one"), "1");
  assert.equal(answer.header("isosocket-upgrade"), undefined);
  await answer.peer.wire.end();
});

test("a copy of the response adds its headers, but not those of the handshake", async () => {
  const answer = await askUpgrade(server.port, "/copied");
  assert.equal(answer.status, 101);
  assert.equal(answer.header("set-cookie"), "a=1, b=2, c=3");
  assert.equal(answer.header("x-two"), "2");
  assert.equal(answer.header("upgrade")?.toLowerCase(), "websocket");
  assert.equal(answer.header("isosocket-upgrade"), undefined);
  await answer.peer.wire.end();
});

test("other requests are answered as ever", async () => {
  assert.equal(await (await fetch(`${server.url}page`)).text(), "a page");
});

test("an UpgradeError says what is wrong, as often as it is asked", async () => {
  const error = new UpgradeError("Cannot upgrade: no", 400, { "x-why": "because" });
  for (const { status, headers } of [error.response, error.response, error.getResponse()]) {
    assert.deepEqual([status, headers.get("x-why")], [400, "because"]);
  }
  assert.deepEqual(error.headers, { "x-why": "because" });
  assert.equal(await error.response.text(), "Cannot upgrade: no\n");
  assert.ok(error instanceof Error);
});
