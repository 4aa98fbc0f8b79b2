// serve() with a certificate: https: and wss:, and what is wrong with certificates.

import {
  connect,
  type Engine,
  serve,
  type Server,
  type ServerSocket,
  type TlsOptions,
  upgrade,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import http2 from "node:http2";
import { after, before, test } from "node:test";
import { close, text, utf8 } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { CERT, KEY } from "./certificate.ts";
import { by, connectTls, engines, FREE, SECURE, to } from "./places.ts";
import { ask, askUpgrade } from "./raw_client.ts";

/** Returns the version of HTTP that a client which offers some agrees on with the server. */
async function agreed(server: Server, offered?: string[]): Promise<string | undefined> {
  const socket = connectTls(server, offered);
  await new Promise((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
  socket.destroy();
  return socket.alpnProtocol || undefined;
}

/** Starts a server, asks it for its page, and closes it. */
async function works(engine: Engine, tls: TlsOptions): Promise<void> {
  const server = await serve({ ...FREE, engine, tls }, page);
  const answer = await ask(to(server), utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  assert.equal(await answer.body(), "a page");
  await server.close({ deadline: 0 });
}

function page(): Response {
  return new Response("a page");
}

function encrypted(): string {
  const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "xyzzy" };
  return createPrivateKey(KEY).export(options as never).toString();
}

function another(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const BROKEN: [string, () => TlsOptions][] = [
  ["a certificate that is cut", () => ({ key: KEY, cert: CERT.slice(0, 300) })],
  ["a certificate that is garbled", () => ({ key: KEY, cert: CERT.replace("MII", "AAA") })],
  ["a key that is cut", () => ({ key: KEY.slice(0, 100), cert: CERT })],
  ["a key instead of a certificate", () => ({ key: KEY, cert: KEY })],
  ["the key of another certificate", () => ({ key: another(), cert: CERT })],
  ["an encrypted key without its passphrase", () => ({ key: encrypted(), cert: CERT })],
  ["a wrong passphrase", () => ({ key: encrypted(), cert: CERT, passphrase: "plugh" })],
];

for (const engine of engines) {
  let server: Server;
  let accepted: (socket: ServerSocket, log: EventLog) => void = () => {};

  before(async () => {
    server = await serve({ ...SECURE, engine }, (request) => {
      if (!request.headers.has("upgrade")) return new Response(`the page ${request.url}`);
      const { socket, response } = upgrade(request);
      accepted(socket, new EventLog(socket));
      socket.onmessage = (event) => socket.send(event.data);
      return response;
    });
  });

  after(async () => {
    TcpWire.dropAll();
    await server.close({ deadline: 0 });
  });

  test(`with a certificate, addresses begin with https: and wss:${by(engine)}`, async () => {
    assert.equal(server.url, `https://127.0.0.1:${server.port}/`);
    let made!: ServerSocket;
    accepted = (socket) => made = socket;
    const { status, peer } = await askUpgrade(to(server), "/chat?a=1", { Host: "app.example" });
    assert.equal(status, 101);
    assert.equal(made.url, "wss://app.example/chat?a=1");
    await peer.wire.end();
    const answer = await ask(to(server), utf8("GET /x HTTP/1.1\r\nHost: app.example\r\n\r\n"));
    assert.equal(await answer.body(), "the page https://app.example/x");
  });

  test(`a client that does not trust the certificate is not connected${by(engine)}`, async () => {
    const socket = connect(server.url);
    assert.equal(socket.url, `wss://127.0.0.1:${server.port}/`);
    const { code, wasClean } = await new EventLog(socket).next("close");
    assert.deepEqual([code, wasClean], [1006, false]);
    assert.equal((await askUpgrade(to(server))).status, 101);
  });

  test(`over TLS messages come back, and either side can close with a code${by(engine)}`, async () => {
    for (const byPeer of [true, false]) {
      let socket!: ServerSocket;
      let log!: EventLog;
      accepted = (...made) => [socket, log] = made;
      const { peer } = await askUpgrade(to(server));
      const long = "é".repeat(100_000);
      await peer.send(text("hello"), text(long));
      assert.deepEqual(await peer.next(), { kind: "text", data: "hello" });
      assert.deepEqual(await peer.next(), { kind: "text", data: long });
      if (byPeer) {
        await peer.send(close(4001, "bye"));
        assert.deepEqual(await peer.next(), { kind: "close", code: 4001, reason: "bye" });
      } else {
        socket.close(4002, "enough");
        assert.deepEqual(await peer.part(), { kind: "close", code: 4002, reason: "enough" });
      }
      const { code, reason, wasClean } = await log.next("close");
      const expected = byPeer ? [4001, "bye", true] : [4002, "enough", true];
      assert.deepEqual([code, reason, wasClean], expected);
      assert.deepEqual(await peer.next(), { kind: "end" });
    }
  });

  test(`a client that can do HTTP/1.1 only is not given another version${by(engine)}`, async () => {
    assert.equal(await agreed(server), undefined);
    assert.ok(["http/1.1", undefined].includes(await agreed(server, ["http/1.1"])));
  });

  test(`a client that prefers HTTP/2 gets its page by the version that is agreed on${by(engine)}`, async () => {
    const version = await agreed(server, ["h2", "http/1.1"]);
    if (version !== "h2") {
      const answer = await ask(to(server), utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      return assert.equal(await answer.body(), "the page https://a/");
    }
    const session = http2.connect(server.url, { ca: CERT });
    const stream = session.request({ ":path": "/", ":authority": "a" });
    let body = "";
    for await (const chunk of stream) body += chunk;
    session.close();
    assert.equal(body, "the page https://a/");
  });

  test(`a client that speaks no TLS is turned away, and the server lives${by(engine)}`, async () => {
    const wire = await TcpWire.connect(server.port);
    await wire.write(utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    let answer = "";
    for (let it = await wire.read(); it !== undefined; it = await wire.read()) {
      answer += new TextDecoder("latin1").decode(it);
    }
    assert.doesNotMatch(answer, /page/);
    assert.equal((await askUpgrade(to(server))).status, 101);
  });

  test(`key and certificate may be bytes, and the key encrypted${by(engine)}`, async () => {
    const encoder = new TextEncoder();
    await works(engine, { key: encoder.encode(KEY), cert: encoder.encode(CERT) });
    await works(engine, { key: encrypted(), cert: CERT, passphrase: "xyzzy" });
  });

  for (const [what, tls] of BROKEN) {
    test(`serve() says that it cannot use ${what}, and listens nowhere${by(engine)}`, async () => {
      const taken = await serve({ ...FREE, engine }, page);
      const { port } = taken;
      await taken.close();
      const failing = serve({ ...FREE, engine, port, tls: tls() }, page);
      await assert.rejects(failing, (error: Error) => {
        const where =
          `Cannot listen on 127.0.0.1:${port}: its key and certificate cannot be used (`;
        assert.ok(error.message.startsWith(where), error.message);
        assert.ok(error.cause instanceof Error);
        return true;
      });
      await (await serve({ ...FREE, engine, port }, page)).close();
    });
  }
}

test("serve() refuses what is no certificate at all", async () => {
  const wrong: [unknown, string][] = [
    [null, "Cannot use tls null: it must be an object with key and cert"],
    ["cert.pem", "Cannot use tls cert.pem: it must be an object with key and cert"],
    [{}, "Cannot use tls.key: it must be PEM, the content of the file"],
    [{ key: KEY }, "Cannot use tls.cert: it must be PEM, the content of the file"],
    [{ key: "", cert: CERT }, "Cannot use tls.key: it must be PEM, the content of the file"],
    [
      { key: KEY, cert: "/etc/cert.pem" },
      "Cannot use tls.cert: it must be PEM, the content of the file",
    ],
    [{ key: KEY, cert: CERT, passphrase: 7 }, "Cannot use tls.passphrase: it must be a string"],
    [
      { key: KEY, cert: CERT, requestCert: true },
      "Cannot use tls.requestCert: it must be key, cert or passphrase",
    ],
  ];
  for (const [tls, message] of wrong) {
    const failing = serve({ ...FREE, tls: tls as TlsOptions }, page);
    await assert.rejects(failing, { name: "TypeError", message });
  }
});
