// attach() to a server that is the user's: what it adds there, what it leaves alone, and that close()
// takes all of it away.

import { attach, type NodeServer, upgrade } from "@isosocket/isosocket/node";
import type { Hub } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { after, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { CERT, KEY } from "./certificate.ts";
import { connectTls } from "./places.ts";
import { ask, askUpgrade } from "./raw_client.ts";

const servers: Server[] = [];
const hubs: Hub[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const hub of hubs) await hub.close({ deadline: 0 });
  for (const http of servers) http.close();
});

/** The parts of a server that attach() may change. */
function state(http: Server): unknown {
  const names = http.eventNames();
  const listeners = names.map((name) => [name, http.listeners(name as "upgrade")]);
  const own = Reflect.ownKeys(http).map((key) => [key, Reflect.get(http, key)])
    .filter(([key, value]) => key !== "_events" && typeof value === "function");
  return [listeners, own];
}

const page: RequestListener = (incoming, response) => {
  let length = 0;
  incoming.on("data", (piece) => length += piece.length);
  incoming.on("end", () => response.end(`page ${incoming.headers.upgrade} ${length}`));
};

async function listen(http: Server): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  servers.push(http);
  return (http.address() as AddressInfo).port;
}

async function start(options: ServerOptions = {}): Promise<{ http: Server; port: number }> {
  const http = createServer(options, page);
  return { http, port: await listen(http) };
}

/** Attaches a handler whose sockets greet with a name. */
function greet(http: NodeServer, name: string): Hub {
  const hub = attach(http, (request) => {
    const { socket, response } = upgrade(request);
    socket.onopen = () => socket.send(name);
    return response;
  });
  hubs.push(hub);
  return hub;
}

/** Returns the greeting at a port: a socket's name, or a page. */
async function who(to: number | (() => Promise<TcpWire>)): Promise<string> {
  const answer = await askUpgrade(to);
  if (answer.status !== 101) return await answer.body();
  const heard = await answer.peer.next();
  await answer.peer.wire.end();
  return heard.kind === "text" ? heard.data : heard.kind;
}

const h2c = utf8(
  "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello",
);

test("close() takes away all that attach() has added", async () => {
  const { http, port } = await start();
  const before = state(http);
  const hub = greet(http, "first");
  assert.equal(await who(port), "first");
  await hub.close({ deadline: 0 });
  assert.deepEqual(state(http), before);
  assert.equal(await who(port), "page websocket 0");
});

test("attach() works again after close(), as often as one likes", async () => {
  const { http, port } = await start();
  for (const name of ["first", "second", "third"]) {
    const hub = greet(http, name);
    assert.equal(await who(port), name);
    await hub.close({ deadline: 0 });
  }
});

test("a second handler for a server is refused, until the first hub is closed", async () => {
  const { http, port } = await start();
  const hub = greet(http, "first");
  const before = state(http);
  const error = {
    name: "TypeError",
    message:
      "Cannot attach to this server: it has a handler already, and close() of its hub must be awaited first",
  };
  assert.throws(() => greet(http, "second"), error);
  assert.deepEqual(state(http), before);
  assert.equal(await who(port), "first");
  const closed = hub.close({ deadline: 0 });
  assert.throws(() => greet(http, "second"), error);
  await closed;
  greet(http, "second");
  assert.equal(await who(port), "second");
});

test("what attach() refuses, it leaves as it was", async () => {
  const { http, port } = await start();
  const before = state(http);
  assert.throws(() => attach(http, undefined as never), /handler must be a function/);
  assert.throws(() => attach(http, page as never, { maxPayload: -1 }), RangeError);
  assert.deepEqual(state(http), before);
  greet(http, "first");
  assert.equal(await who(port), "first");
});

test("until close() has ended, handshakes get 503", async () => {
  const { http, port } = await start();
  const hub = greet(http, "first");
  const { peer } = await askUpgrade(port);
  await peer.next();
  const closed = hub.close({ deadline: 10_000 });
  const { status, header } = await askUpgrade(port);
  assert.deepEqual([status, header("retry-after")], [503, "1"]);
  await peer.part();
  await closed;
});

test("listeners of the user's see the upgrades to their own protocol, and no pages do", async () => {
  const { http, port } = await start();
  const seen: unknown[] = [];
  http.on("upgrade", (incoming, stream: Duplex) => {
    seen.push(incoming.headers.upgrade);
    if (incoming.headers.upgrade !== "other") return;
    stream.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n");
  });
  const hub = greet(http, "ours");
  const other = await askUpgrade(port, "/", { Upgrade: "other" });
  assert.deepEqual([other.status, other.header("upgrade")], [101, "other"]);
  assert.equal(await who(port), "ours");
  await hub.close({ deadline: 0 });
  assert.equal((await askUpgrade(port, "/", { Upgrade: "other" })).status, 101);
  assert.deepEqual(seen, ["other", "websocket", "other"]);
});

const hasCallback = "shouldUpgradeCallback" in createServer();

test("a shouldUpgradeCallback of the user's decides on what is not ours", {
  skip: !hasCallback && "Node 20 has none",
}, async () => {
  const asked: unknown[] = [];
  const options = {
    shouldUpgradeCallback: ({ headers }: { headers: Record<string, string> }) => {
      asked.push(headers.upgrade);
      return headers.upgrade === "other";
    },
  };
  const { http, port } = await start(options as ServerOptions);
  const hub = greet(http, "ours");
  assert.equal(await who(port), "ours");
  assert.equal(await (await ask(port, h2c)).body(), "page h2c 5");
  const other = (_incoming: unknown, stream: Duplex): void =>
    void stream.end("HTTP/1.1 499 a\r\n\r\n");
  http.on(
    "upgrade",
    (incoming, stream) => incoming.headers.upgrade === "other" && other(0, stream),
  );
  assert.equal((await askUpgrade(port, "/", { Upgrade: "other" })).status, 499);
  assert.equal(await (await ask(port, h2c)).body(), "page h2c 5");
  assert.deepEqual(asked, ["other", "h2c"]);
  await hub.close({ deadline: 0 });
  assert.equal(Reflect.get(http, "shouldUpgradeCallback"), options.shouldUpgradeCallback);
});

test("a shouldUpgradeCallback that is set later, and asks ours, stays", {
  skip: !hasCallback && "Node 20 has none",
}, async () => {
  const { http, port } = await start();
  const hub = greet(http, "ours");
  const ours = Reflect.get(http, "shouldUpgradeCallback");
  const later = (incoming: unknown): boolean => ours.call(http, incoming);
  Reflect.set(http, "shouldUpgradeCallback", later);
  assert.equal(await who(port), "ours");
  await hub.close({ deadline: 0 });
  assert.equal(Reflect.get(http, "shouldUpgradeCallback"), later);
  assert.equal(await who(port), "page websocket 0");
});

test("a request for another upgrade that is under way at close() is a page's still", async () => {
  const { http, port } = await start();
  const hub = greet(http, "ours");
  const wire = await TcpWire.connect(port);
  const asked = new Promise((resolve) => http.once("request", resolve));
  await wire.write(h2c.slice(0, -5));
  await asked;
  await hub.close({ deadline: 0 });
  const { body } = await ask(wire, utf8("hello"));
  assert.equal(await body(), "page h2c 5");
});

test("it is the same with https", async () => {
  const http = createTlsServer({ key: KEY, cert: CERT }, page);
  const port = await listen(http);
  const to = (): Promise<TcpWire> => TcpWire.through(connectTls({ port }), "secureConnect");
  const before = state(http);
  const hub = greet(http, "ours");
  assert.equal(await who(to), "ours");
  assert.equal(await (await ask(to, h2c)).body(), "page h2c 5");
  await hub.close({ deadline: 0 });
  assert.deepEqual(state(http), before);
  assert.equal(await who(to), "page websocket 0");
});

test("whatever emits the event is a server, and all that it emits is answered", async () => {
  const { http, port } = await start();
  const emitter = new EventEmitter();
  http.on("upgrade", (...args) => emitter.emit("upgrade", ...args));
  const hub = greet(emitter as NodeServer, "ours");
  assert.equal(await who(port), "ours");
  const body = request("/", { "Content-Length": "5" });
  assert.equal((await ask(port, body)).status, 400);
  assert.equal((await askUpgrade(port, "/", { Upgrade: "other" })).status, 426);
  await hub.close({ deadline: 0 });
  assert.equal(emitter.listenerCount("upgrade"), 0);
});

test("a handler of the user's for CONNECT is asked still", async () => {
  const { http, port } = await start();
  http.on("connect", (_incoming, stream) => stream.end("HTTP/1.1 200 OK\r\n\r\n"));
  greet(http, "ours");
  const { status, peer } = await ask(port, utf8("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"));
  assert.equal(status, 200);
  await peer.wire.end();
  assert.equal(await who(port), "ours", runtime);
});
