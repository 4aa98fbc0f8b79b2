// Connections of a client's handshake: how they are lost, given up, and checked by TLS.

import assert from "node:assert/strict";
import http, { type AgentOptions } from "node:http";
import net, { type Socket } from "node:net";
import { test } from "node:test";
import { shakeHands } from "../../../src/adapters/tcp/client_handshake.ts";
import {
  authority,
  client,
  elsewhere,
  localhost,
  otherAuthority,
} from "../../client/certificates.ts";
import { answering, endAfter, right, shaken } from "./handshake_server.ts";

endAfter();

const to = (port: number): string => `ws://127.0.0.1:${port}/`;

const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits so long that a request has begun, but no I/O has come to an end. */
async function microtasks(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

test("a connection that is lost before an answer is a failure with a code", async () => {
  for (const how of ["end", "destroy", "resetAndDestroy"] as const) {
    for (const before of ["", "HTTP/1.1 101 Switching", "HTTP/1.1 102 Processing\r\n\r\n"]) {
      const server = await answering((socket) => {
        socket.write(before);
        setTimeout(() => socket[how](), 20);
      });
      const { error } = await shaken(to(server.port));
      assert.match(error!.code!, /^(ECONNRESET|HPE_INVALID_EOF_STATE)$/, `${how} ${before}`);
    }
  }
});

test("a reset after the answer is the connection's, not the handshake's", async () => {
  const server = await answering((socket, accept) => {
    socket.write(right(accept));
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
  const { stream, error } = await shaken(to(server.port));
  assert.equal(error, undefined);
  await new Promise((closed) => stream!.resume().once("close", closed));
});

test("nobody listens, by whatever name: a code and a message", async () => {
  const { port } = await new Promise<net.AddressInfo>((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const address = server.address() as net.AddressInfo;
      server.close(() => resolve(address));
    });
  });
  for (const name of ["127.0.0.1", "localhost", "[::1]"]) {
    const { error } = await shaken(`ws://${name}:${port}/`);
    assert.match(error!.code!, /^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/);
    assert.notEqual(error!.message, "");
  }
  const { error } = await shaken("ws://nowhere.invalid/");
  assert.match(error!.code!, /^(ENOTFOUND|EAI_AGAIN)$/);
});

test("an outcome that cannot be taken closes the connection, and is a failure", async () => {
  const server = await answering((socket, accept) => socket.write(right(accept)));
  const error = await new Promise((failed) => {
    shakeHands({ url: to(server.port), protocols: [], extensions: undefined }, {
      accepted() {
        throw new Error("Not like this");
      },
      failed,
    });
  });
  assert.equal((error as Error).message, "Not like this");
  await server.ended;
});

test("IPv6", async (t) => {
  const server = await answering((socket, accept) => socket.write(right(accept)), undefined, "::1")
    .catch(() => undefined);
  if (server === undefined) return t.skip?.("there is no IPv6 here");
  const { error } = await shaken(`ws://[::1]:${server.port}/`);
  assert.equal(error, undefined);
  assert.match(server.heads[0]!, new RegExp(`^host: \\[::1\\]:${server.port}\r$`, "im"));
});

/** A proxy that opens tunnels, and passes requests on as they are. Returns what it was asked. */
async function proxy(): Promise<readonly [url: string, asked: string[]]> {
  const asked: string[] = [];
  const { port } = await answering((socket, _, head) => {
    const [line] = head.split("\r\n");
    asked.push(line!);
    const onward = net.connect(Number(/:(\d+)[ /]/.exec(line!)![1]), "127.0.0.1");
    onward.on("error", () => socket.destroy());
    if (line!.startsWith("CONNECT")) socket.write("HTTP/1.1 200 OK\r\n\r\n");
    else onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  return [`http://127.0.0.1:${port}`, asked];
}

test("the proxies of the global agent are taken, whichever they are then", async () => {
  const [url, asked] = await proxy();
  const here = await answering((socket, accept) => socket.write(right(accept)));
  const secure = await answering((socket, accept) => socket.write(right(accept)), localhost);
  const own = http.globalAgent;
  const proxyEnv = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "localhost" };
  http.globalAgent = new http.Agent({ proxyEnv } as AgentOptions);
  const tls = { ca: authority };
  try {
    assert.equal((await shaken(to(here.port))).error, undefined);
    assert.equal((await shaken(`wss://127.0.0.1:${secure.port}/a`, { tls })).error, undefined);
    assert.equal((await shaken(`wss://localhost:${secure.port}/`, { tls })).error, undefined);
  } finally {
    http.globalAgent = own;
  }
  const expected = [
    `GET http://127.0.0.1:${here.port}/ HTTP/1.1`,
    `CONNECT 127.0.0.1:${secure.port} HTTP/1.1`,
  ];
  assert.deepEqual(asked, expected);
  assert.equal((await shaken(to(here.port))).error, undefined);
  assert.deepEqual(asked, expected);
});

test("TLS: authorities, names and certificates are checked, and a client's is shown", async () => {
  const peers: unknown[][] = [];
  const greet = (socket: Socket, accept: string): void => {
    const { servername } = socket as { servername?: string };
    const peer = (socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } })
      .getPeerCertificate();
    peers.push([servername, peer?.subject?.CN ?? ""]);
    socket.write(right(accept));
  };
  const here = await answering(greet, localhost);
  const there = await answering(greet, elsewhere);
  const asking = await answering(greet, { ...localhost, ca: authority, requestCert: true });
  const at = ({ port }: { port: number }): string => `wss://localhost:${port}/`;
  const code = async (url: string, tls: object): Promise<string | undefined> =>
    (await shaken(url, { tls })).error?.code;
  const ca = authority;
  assert.match((await code(at(here), { ca: otherAuthority }))!, /^UNABLE_TO_/);
  assert.match((await code(at(here), {}))!, /^UNABLE_TO_/);
  assert.equal(await code(at(there), { ca }), "ERR_TLS_CERT_ALTNAME_INVALID");
  assert.deepEqual(peers, []);
  assert.equal(await code(at(here), { ca }), undefined);
  assert.equal(await code(at(here), { ca: [otherAuthority, ca] }), undefined);
  assert.equal(await code(`wss://127.0.0.1:${here.port}/`, { ca }), undefined);
  assert.equal(await code(at(there), { ca, servername: "elsewhere.example" }), undefined);
  assert.equal(await code(at(there), { rejectUnauthorized: false }), undefined);
  assert.equal(await code(at(asking), { ca, ...client }), undefined);
  assert.deepEqual(peers, [
    ["localhost", ""],
    ["localhost", ""],
    [peers[2]![0], ""], // none: an address is no name
    ["elsewhere.example", ""],
    ["localhost", ""],
    ["localhost", "client.example"],
  ]);
  assert.ok(!peers[2]![0]);
  assert.notEqual(await code(at(asking), { ca, key: "no key", cert: "no certificate" }), "");
});

/** Steps at which a handshake may be given up, each with the way to get there. */
const STEPS: Readonly<
  Record<string, () => Promise<readonly [url: string, ready: Promise<unknown>]>>
> = {
  "at once": () => Promise.resolve(["ws://127.0.0.1:9/", Promise.resolve()]),
  "while a name is looked up": () => Promise.resolve(["ws://nowhere.invalid/", microtasks()]),
  "during TLS": async () => {
    let came!: (value: unknown) => void;
    const ready = new Promise((resolve) => came = resolve);
    const server = net.createServer(came).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    server.unref();
    return [`wss://127.0.0.1:${(server.address() as net.AddressInfo).port}/`, ready];
  },
  "before the answer": async () => {
    let came!: (value: unknown) => void;
    const ready = new Promise((resolve) => came = resolve);
    const { port } = await answering(came);
    return [to(port), ready];
  },
  "during a refusal": async () => {
    let came!: (value: unknown) => void;
    const ready = new Promise((resolve) => came = resolve);
    const { port } = await answering((socket) => {
      socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nBecause");
      setTimeout(came, 50);
    });
    return [to(port), ready];
  },
};

for (const [when, step] of Object.entries(STEPS)) {
  test(`a handshake that is given up ${when} has no outcome, and its connection ends`, async () => {
    const [url, ready] = await step();
    const outcomes: unknown[] = [];
    const giveUp = shakeHands({ url, protocols: [], extensions: undefined }, {
      accepted: (...all) => outcomes.push(all),
      failed: (error) => outcomes.push(error),
    });
    const came = await ready as Socket | undefined;
    const ended = came === undefined || came.destroyed
      ? turn(50)
      : new Promise((resolve) => came.resume().on("error", () => {}).once("close", resolve));
    giveUp();
    await ended;
    assert.deepEqual(outcomes, []);
  });
}
