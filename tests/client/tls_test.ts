// What connect() can be told of TLS, against servers whose authority no runtime knows.

import { type ClientTls, connect, type ConnectFailure, type Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { acceptFor, headerOf, readHead, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { authority, client, elsewhere, localhost, otherAuthority } from "./certificates.ts";

after(() => TcpWire.dropAll());

/** Completes the opening handshake, and says what TLS told of the client. */
async function greet(stream: TLSSocket): Promise<void> {
  const wire = new TcpWire(stream);
  const request = await readHead(wire);
  if (request === undefined) return;
  const accept = await acceptFor(headerOf(request.head, "sec-websocket-key")!);
  const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`;
  await wire.write(new TextEncoder().encode(head));
  const far = new WirePeer(wire, false, request.rest);
  const { servername } = stream as TLSSocket & { servername?: string };
  const peer = stream.getPeerCertificate() as { subject?: { CN?: string } } | undefined;
  await far.send(JSON.stringify({ servername, peer: peer?.subject?.CN ?? "" }));
  await far.part();
}

/** Runs a test beside a server that is asked for by the name of localhost. Node 22 knows no `await using`. */
async function beside(
  options: TlsOptions,
  use: (url: string, came: () => number) => Promise<void>,
): Promise<void> {
  const server = createServer(options, (stream) => void greet(stream));
  let connections = 0;
  server.on("connection", () => connections++);
  server.on("tlsClientError", () => {}); // the client's socket tells
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await use(`wss://localhost:${port}/`, () => connections);
  } finally {
    server.close();
  }
}

/** What the server says to a socket that is to open. */
async function greeting(socket: Socket): Promise<unknown> {
  const log = new EventLog(socket);
  const { data } = await log.next("message");
  socket.close();
  assert.equal((await log.next("close")).code, 1005);
  return JSON.parse(data);
}

/** What is told of a socket that is to fail. */
async function failure(socket: Socket): Promise<ConnectFailure | undefined> {
  const log = new EventLog(socket);
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["error", "close"]);
  const [error] = log.errors as Error[];
  assert.match(error!.message, /^The connection was not established/);
  return error!.cause as ConnectFailure | undefined;
}

for (const engine of [undefined, "ws"] as const) {
  const by = engine ?? "what suits";
  const dial = (url: string, tls: ClientTls): Socket =>
    connect(url, { tls, ...(engine === undefined ? {} : { engine }) });

  test(`tls.ca is trusted, in place of other authorities; by ${by}`, () =>
    beside(localhost, async (url) => {
      const stranger = await failure(dial(url, { ca: otherAuthority }));
      assert.match(
        stranger!.code!,
        /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)$/,
      );
      const known = { servername: "localhost", peer: "" };
      assert.deepEqual(await greeting(dial(url, { ca: authority })), known);
      assert.deepEqual(await greeting(dial(url, { ca: [otherAuthority, authority] })), known);
    }));

  test(`tls.rejectUnauthorized lets anybody be the server; by ${by}`, () =>
    beside(elsewhere, async (url) => {
      assert.ok(await greeting(dial(url, { rejectUnauthorized: false })));
      assert.ok(await failure(dial(url, { rejectUnauthorized: true })));
    }));

  test(`tls.servername is what the server has to prove; by ${by}`, () =>
    beside(elsewhere, async (url) => {
      const { code } = (await failure(dial(url, { ca: authority })))!;
      assert.equal(code, "ERR_TLS_CERT_ALTNAME_INVALID");
      const tls = { ca: authority, servername: "elsewhere.example" };
      const asked = { servername: "elsewhere.example", peer: "" };
      assert.deepEqual(await greeting(dial(url, tls)), asked);
    }));

  test(`tls.cert and tls.key prove who the client is; by ${by}`, () =>
    beside({ ...localhost, ca: authority, requestCert: true }, async (url) => {
      const known = { servername: "localhost", peer: "client.example" };
      assert.ok(await failure(dial(url, { ca: authority })));
      assert.deepEqual(await greeting(dial(url, { ca: authority, ...client })), known);
    }));
}

test("a server that no authority vouches for is refused by the runtime's own WebSocket too", () =>
  beside(localhost, async (url) => {
    await failure(connect(url));
    await failure(connect(url, { tls: {} }));
  }));

test("engine native and tls: what the platform cannot do is a NotSupportedError, and nothing is sent", () =>
  beside(localhost, async (url, came) => {
    let socket: Socket;
    try {
      socket = connect(url, { engine: "native", tls: { ca: authority } });
    } catch (error) {
      assert.equal((error as Error).name, "NotSupportedError");
      assert.match((error as Error).message, /^Cannot connect (with tls )?here/);
      await greeting(connect(url, { tls: { ca: authority } }));
      assert.equal(came(), 1); // the second
      return;
    }
    await greeting(socket);
  }));

test("tls takes what it knows, each of its type, and does not tell a key that is wrong", () => {
  const wrong: unknown[] = [
    { ca: 5 },
    { ca: [authority, 5] },
    { cert: [client.cert] },
    { key: new Uint8Array(1) },
    { servername: true },
    { rejectUnauthorized: "false" },
    { rejectUnauthorized: 0 },
    { serverName: "elsewhere.example" },
    { ciphers: "ALL" },
  ];
  for (const tls of wrong) {
    assert.throws(() => connect("wss://127.0.0.1:9/", { tls: tls as ClientTls }), {
      name: "TypeError",
      message: /^Cannot connect with this tls\.\w+: there are ca, /,
    });
  }
  const nothing = connect("ws://127.0.0.1:9/", { tls: { ca: undefined as unknown as string } });
  nothing.close();
});
