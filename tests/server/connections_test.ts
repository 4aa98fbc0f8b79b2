// The maximum number of sockets of a server: who is refused, with what, and when there is capacity again.

import {
  serve,
  type Server,
  type ServerSocket,
  type SocketOptions,
  upgrade,
  UpgradeError,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

const servers: Server[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

type Handle = (request: Request) => Response | Promise<Response>;

/** A server, and the records of its sockets. */
async function start(
  options: SocketOptions,
  handle: (request: Request, made: (socket: ServerSocket) => void) => ReturnType<Handle> = accept,
): Promise<{ server: Server; logs: EventLog[] }> {
  const logs: EventLog[] = [];
  const made = (socket: ServerSocket): void => void logs.push(new EventLog(socket));
  const server = await serve(
    { port: 0, hostname: "127.0.0.1", onError() {}, onRefuse: false, ...options },
    (request) => handle(request, made),
  );
  servers.push(server);
  return { server, logs };
}

function accept(request: Request, made: (socket: ServerSocket) => void): Response {
  const { socket, response } = upgrade(request);
  made(socket);
  return response;
}

/** Asks for a socket that stays. */
async function enter({ port }: Server, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await askUpgrade(port, "/", headers);
  assert.equal(answer.status, 101, answer.head);
  return answer;
}

/** Asks for a socket where there is no room. */
async function refused(
  { port }: Server,
  says: RegExp,
  headers: Record<string, string> = {},
): Promise<void> {
  const answer = await askUpgrade(port, "/", headers);
  assert.equal(answer.status, 503, answer.head);
  assert.equal(answer.header("retry-after"), "5");
  assert.match(answer.header("content-type") ?? "", /^text\/plain/);
  assert.match(await answer.body(), says);
}

const FULL = /^Cannot upgrade: the server has as many sockets as it may have\n$/;
const FULL_ADDRESS =
  /^Cannot upgrade: there are as many sockets from this address as there may be\n$/;

test("more than maxConnections are refused with 503, until one has closed", async () => {
  const { server, logs } = await start({ maxConnections: 2 });
  const first = await enter(server);
  await enter(server);
  await refused(server, FULL);
  await refused(server, FULL);
  assert.equal(server.sockets.size, 2);
  assert.equal(server.stats().refused.full, 2);
  await first.peer.wire.reset();
  await logs[0]!.next("close");
  await enter(server);
  await refused(server, FULL);
});

test("a socket that is CLOSING takes its place until it is CLOSED", async () => {
  const { server, logs } = await start({ maxConnections: 1 });
  const answer = await enter(server);
  await logs[0]!.next("open");
  const [socket] = server.sockets;
  socket!.close(4000);
  if (!("Bun" in globalThis)) await refused(server, FULL); // Bun waits for no answer to Close
  await answer.peer.part();
  await logs[0]!.next("close");
  assert.equal(server.sockets.size, 0);
  await enter(server);
});

test("a socket that is CONNECTING takes a place, and frees it whatever becomes of it", async () => {
  const endings: [what: string, end: (response: Response) => Response, status: number][] = [
    ["another response", () => new Response("no", { status: 403 }), 403],
    ["a throw", () => {
      throw new Error("a bug");
    }, 500],
    ["its own", (response) => response, 101],
  ];
  for (const [what, end, status] of endings) {
    let goOn!: () => void;
    let came!: () => void;
    const arrived = new Promise<void>((resolve) => came = resolve);
    const { server, logs } = await start({ maxConnections: 1 }, async (request, made) => {
      const { socket, response } = upgrade(request);
      made(socket);
      came();
      await new Promise<void>((resolve) => goOn = resolve);
      return end(response);
    });
    const asking = askUpgrade(server.port);
    await arrived;
    await refused(server, FULL);
    goOn();
    const answer = await asking;
    assert.equal(answer.status, status, what);
    if (status === 101) await answer.peer.wire.reset();
    await logs[0]!.next("close");
    assert.equal(server.sockets.size, 0, what);
    const next = askUpgrade(server.port);
    while (logs.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    goOn();
    await (await next).peer.wire.end();
  }
});

test("a handshake that is refused takes no place", async () => {
  const { server } = await start({ maxConnections: 1, origins: ["https://app.example"] });
  for (const headers of [{ "Sec-WebSocket-Key": "x" }, { Origin: "https://evil.example" }]) {
    const answer = await askUpgrade(server.port, "/", headers);
    assert.ok([400, 403].includes(answer.status));
    await answer.body();
  }
  assert.equal(server.sockets.size, 0);
  await enter(server);
});

test("more than maxConnectionsPerAddress are refused, until one has closed", async () => {
  const { server, logs } = await start({ maxConnectionsPerAddress: 2 });
  const first = await enter(server);
  await enter(server);
  await refused(server, FULL_ADDRESS);
  await refused(server, FULL_ADDRESS, { "X-Forwarded-For": "192.0.2.1" }); // anybody can say so
  await first.peer.wire.reset();
  await logs[0]!.next("close");
  await enter(server);
  await refused(server, FULL_ADDRESS);
  assert.equal(server.stats().refused.full, 3);
});

test("behind a trusted proxy, each client's address counts for itself", async () => {
  const options = { trustProxy: true, maxConnectionsPerAddress: 1, maxConnections: 3 };
  const { server, logs } = await start(options);
  const from = (address: string): Record<string, string> => ({ "X-Forwarded-For": address });
  const first = await enter(server, from("192.0.2.1"));
  await enter(server, from("192.0.2.2"));
  await refused(server, FULL_ADDRESS, from("192.0.2.1"));
  await refused(server, FULL_ADDRESS, from("192.0.2.9, 192.0.2.2:81"));
  await enter(server, from("2001:db8:1:2::1"));
  await first.peer.wire.reset();
  await logs[0]!.next("close");
  await refused(server, FULL_ADDRESS, from("[2001:db8:1:2::ffff]:80")); // it has them all
  await enter(server, from("2001:db8:1:3::1"));
  await refused(server, FULL, from("192.0.2.1"));
});

test("stats() counts the refused by reason", async () => {
  const { server, logs } = await start({ maxConnections: 1 }, (request, made) => {
    if (new URL(request.url).pathname === "/no") throw new UpgradeError("Not today", 418);
    return accept(request, made);
  });
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await askUpgrade(server.port, path, headers);
    await answer.body();
    return answer.status;
  };
  assert.equal(await ask("/", { "Sec-WebSocket-Key": "x" }), 400);
  assert.equal(await ask("/", { "Sec-WebSocket-Version": "8" }), 426);
  assert.equal(await ask("/", { Origin: "https://evil.example" }), 403);
  assert.equal(await ask("/no"), 418);
  assert.deepEqual(server.stats().refused, {
    handshake: 2,
    origin: 1,
    full: 0,
    closing: 0,
    handler: 1,
    timeout: 0,
  });
  await enter(server); // and never answers Close
  await logs[0]!.next("open");
  assert.equal(await ask("/"), 503);
  const closing = server.close({ deadline: 300 });
  const waits = !("Bun" in globalThis); // Bun waits for no answer to Close
  if (waits) assert.equal(await ask("/"), 503);
  await closing;
  assert.deepEqual(server.stats().refused, {
    handshake: 2,
    origin: 1,
    full: 1,
    closing: waits ? 1 : 0,
    handler: 1,
    timeout: 0,
  });
});

test("serve() refuses limits that make no sense", async () => {
  for (const name of ["maxConnections", "maxConnectionsPerAddress"]) {
    for (const value of [0, -1, NaN]) {
      await assert.rejects(start({ [name]: value }), {
        name: "RangeError",
        message: `Cannot use ${name} ${value}: it must be 1 or more`,
      });
    }
  }
});
