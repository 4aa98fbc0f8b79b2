// The clients of this package on a scripted server: WebSocket, connect() and reconnect().

import { connect, reconnect, type ReconnectOptions, WebSocket } from "@isosocket/isosocket";
import { WebSocket as WebSocketOfClients } from "@isosocket/isosocket/client";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { ADDRESS, clockedServer } from "./clocked_server.ts";

/** The classes of both entry points, and both functions, with a server's class as the platform's. */
test("it can be put in the platform's place", async () => {
  const globals = globalThis as { WebSocket?: unknown };
  const native = globals.WebSocket;
  const { server, clock } = clockedServer();
  globals.WebSocket = server.WebSocket;
  try {
    const { WebSocket: Global } = globalThis;
    const makers: (() => globalThis.WebSocket)[] = [
      () => new Global(ADDRESS, "a"),
      () => new WebSocket(ADDRESS, "a"),
      () => new WebSocketOfClients(ADDRESS, "a"),
      () => connect(ADDRESS, { protocols: "a" }),
      () => reconnect(ADDRESS, { protocols: "a", until: () => true }),
    ];
    for (const make of makers) {
      const socket = make();
      const peer = await server.accept();
      peer.send("hello");
      const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
      assert.equal(data, "hello");
      socket.close(4000);
      assert.equal((await peer.closed).code, 4000);
      await clock.advance(0);
      assert.equal(socket.readyState, 3);
    }
  } finally {
    if (native === undefined) delete globals.WebSocket;
    else globals.WebSocket = native;
  }
});

test("a call has the headers that the program gave", async () => {
  const { server, clock } = clockedServer();
  const { WebSocket } = server;
  connect(ADDRESS, { WebSocket, headers: { Authorization: "Bearer abc" } });
  assert.equal(new Headers((await server.call()).headers).get("authorization"), "Bearer abc");
  void new WebSocket(ADDRESS);
  assert.deepEqual((await server.call()).headers, {});
  await clock.advance(0);
});

test("connect() takes a class, and a clock for its time limits", async () => {
  const { server, clock } = clockedServer();
  const socket = connect(ADDRESS, {
    WebSocket: server.WebSocket,
    clock,
    timeout: 2000,
    closeTimeout: 1000,
  });
  const log = new EventLog(socket);
  const peer = await server.accept();
  await log.next("open");
  peer.stall();
  socket.close(4000);
  await clock.advance(999);
  assert.deepEqual(log.types, ["open"]);
  await clock.advance(1);
  assert.equal(
    (log.errors[0] as DOMException).message,
    "The peer did not answer Close within 1000 ms",
  );
  const hanging = new EventLog(
    connect(ADDRESS, { WebSocket: server.WebSocket, clock, timeout: 2000 }),
  );
  await clock.advance(2000);
  assert.equal((hanging.errors[0] as DOMException).name, "TimeoutError");
});

test("connect() takes a class that is extended from it, or that is nobody's kin", async () => {
  const { server } = clockedServer();
  let made = 0;
  class Counting extends server.WebSocket {
    constructor(url: string | URL, protocols?: string | Iterable<string>) {
      super(url, protocols);
      made++;
    }
  }
  const socket = connect(ADDRESS, { WebSocket: Counting });
  const log = new EventLog(socket);
  const peer = await server.accept();
  peer.send("hello");
  assert.equal((await log.next("message")).data, "hello");
  peer.close(4001, "bye");
  assert.equal((await log.next("close")).code, 4001);
  assert.equal(made, 1);
});

test("reconnect() comes back through refusals, restarts and silence, by the clock", async () => {
  const { server, clock } = clockedServer(async (server) => {
    await server.refuse(503);
    const first = await server.accept();
    first.close(1012);
    const second = await server.accept();
    assert.equal(await second.next(), "queued");
    second.vanish();
    const third = await server.accept();
    third.send("here you are");
    assert.equal((await third.closed).code, 4000);
  });
  const options: ReconnectOptions = {
    WebSocket: server.WebSocket,
    clock,
    heartbeat: { every: 10_000, deadline: 5000, message: "ping" },
    until: ({ code }) => code === 4000,
  };
  const socket = reconnect(() => `${ADDRESS}&n=${server.calls.length}`, options);
  const codes: number[] = [];
  socket.onclose = ({ code }) => codes.push(code);
  socket.onmessage = () => socket.close(4000);
  const delays: number[] = [];
  socket.onwaiting = ({ delay }) => delays.push(delay); // random
  await clock.advance(0);
  await clock.advance(delays[0]!);
  assert.equal(server.calls.length, 2);
  socket.send("queued");
  await clock.advance(delays[1]!);
  assert.equal(server.calls.length, 3);
  await clock.advance(10_000 + 5000);
  await clock.advance(delays[2]!);
  await server.done;
  await clock.advance(0);
  assert.deepEqual(codes, [1006, 1012, 1006, 4000]);
  assert.deepEqual(server.calls.map(({ url }) => url.at(-1)), ["0", "1", "2", "3"]);
  assert.deepEqual([socket.readyState, clock.timers], [3, []]);
});

test("reconnect() gives its clock to its connections: closeTimeout goes by it", async () => {
  const { server, clock } = clockedServer();
  const socket = reconnect(ADDRESS, { WebSocket: server.WebSocket, clock, closeTimeout: 3000 });
  const peer = await server.accept();
  await clock.advance(0);
  peer.stall();
  socket.close();
  await clock.advance(2999);
  assert.equal(socket.readyState, 2);
  await clock.advance(1);
  assert.equal(socket.readyState, 3);
  peer.cut();
  await clock.advance(0);
  assert.deepEqual(clock.timers, []);
});
