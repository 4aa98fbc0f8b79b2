// The option tls of connect(), against servers whose authority no runtime knows.

import { type ClientTls, connect, type Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { acceptClient } from "./accept_client.ts";
import { authority, client, elsewhere, localhost, otherAuthority } from "./certificates.ts";
import { failureOf } from "./connect_failure.ts";
import { ENGINES } from "./trust.ts";

after(() => TcpWire.dropAll());

/** Completes the opening handshake, and sends what TLS knows of the client. */
async function greet(stream: TLSSocket): Promise<void> {
  const peer = await acceptClient(new TcpWire(stream));
  if (peer === undefined) return;
  const { servername } = stream as TLSSocket & { servername?: string };
  const certificate = stream.getPeerCertificate() as { subject?: { CN?: string } } | undefined;
  await peer.send(JSON.stringify({ servername, peer: certificate?.subject?.CN ?? "" }));
  await peer.part();
}

/** Runs a test with a server, whose address has the name localhost. Node 22 has no `await using`. */
async function withTlsServer(
  options: TlsOptions,
  use: (url: string, connections: () => number) => Promise<void>,
): Promise<void> {
  const server = createServer(options, (stream) => void greet(stream));
  let connections = 0;
  server.on("connection", () => connections++);
  server.on("tlsClientError", () => {}); // the client's socket reports it
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await use(`wss://localhost:${port}/`, () => connections);
  } finally {
    server.close();
  }
}

/** Opens a socket, and returns the server's message. */
async function greeting(socket: Socket): Promise<unknown> {
  const log = new EventLog(socket);
  const { data } = await log.next("message");
  socket.close();
  assert.equal((await log.next("close")).code, 1005);
  return JSON.parse(data);
}

for (const engine of [undefined, "tcp"] as const) {
  const by = engine ?? "what suits";
  const dial = (url: string, tls: ClientTls): Socket =>
    connect(url, { tls, ...(engine === undefined ? {} : { engine }) });

  test(`tls.ca is trusted, in place of other authorities; by ${by}`, () =>
    withTlsServer(localhost, async (url) => {
      const stranger = await failureOf(dial(url, { ca: otherAuthority }));
      assert.match(
        stranger!.code!,
        /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)$/,
      );
      const known = { servername: "localhost", peer: "" };
      assert.deepEqual(await greeting(dial(url, { ca: authority })), known);
      assert.deepEqual(await greeting(dial(url, { ca: [otherAuthority, authority] })), known);
    }));

  test(`tls.rejectUnauthorized lets anybody be the server; by ${by}`, () =>
    withTlsServer(elsewhere, async (url) => {
      assert.ok(await greeting(dial(url, { rejectUnauthorized: false })));
      assert.ok(await failureOf(dial(url, { rejectUnauthorized: true })));
    }));

  test(`tls.servername is what the server has to prove; by ${by}`, () =>
    withTlsServer(elsewhere, async (url) => {
      const { code } = (await failureOf(dial(url, { ca: authority })))!;
      assert.equal(code, "ERR_TLS_CERT_ALTNAME_INVALID");
      const tls = { ca: authority, servername: "elsewhere.example" };
      const expected = { servername: "elsewhere.example", peer: "" };
      assert.deepEqual(await greeting(dial(url, tls)), expected);
    }));

  test(`tls.cert and tls.key prove who the client is; by ${by}`, () =>
    withTlsServer({ ...localhost, ca: authority, requestCert: true }, async (url) => {
      const known = { servername: "localhost", peer: "client.example" };
      assert.ok(await failureOf(dial(url, { ca: authority })));
      assert.deepEqual(await greeting(dial(url, { ca: authority, ...client })), known);
    }));
}

test("a server that no authority vouches for is refused by each engine", () =>
  withTlsServer(localhost, async (url) => {
    for (const engine of ENGINES) {
      await failureOf(connect(url, { engine }));
      await failureOf(connect(url, { engine, tls: {} }));
    }
  }));

test("engine native and tls: what the platform cannot do is a NotSupportedError, and nothing is sent", () =>
  withTlsServer(localhost, async (url, connections) => {
    let socket: Socket;
    try {
      socket = connect(url, { engine: "native", tls: { ca: authority } });
    } catch (error) {
      assert.equal((error as Error).name, "NotSupportedError");
      assert.match(
        (error as Error).message,
        /^Cannot connect (?:with (?:tls|engine "native") )?here/,
      );
      await greeting(connect(url, { tls: { ca: authority } }));
      assert.equal(connections(), 1); // the second
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
