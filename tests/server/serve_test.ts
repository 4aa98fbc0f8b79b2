// serve(): where it listens, what it refuses, how it ends.

import { connect, serve, Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { askUpgrade } from "./raw_client.ts";

const WHERE = { port: 0, hostname: "127.0.0.1" };

function echo(request: Request): Response {
  const { socket, response } = upgrade(request);
  socket.onmessage = (event) => socket.send(event.data);
  return response;
}

test("serve() refuses options that make no sense", async () => {
  for (const port of [-1, 65536, 1.5, NaN]) {
    await assert.rejects(serve({ ...WHERE, port }, echo), {
      name: "RangeError",
      message: `Cannot listen on port ${port}: it must be between 0 and 65535`,
    });
  }
  for (const name of ["handshakeTimeout", "closeTimeout"]) {
    for (const value of [-1, NaN, Infinity]) {
      await assert.rejects(serve({ ...WHERE, [name]: value }, echo), RangeError);
    }
  }
  for (const name of ["heartbeat", "idleTimeout"]) {
    await assert.rejects(serve({ ...WHERE, [name]: -1 }, echo), RangeError);
  }
  for (const name of ["maxPayload", "maxBuffered", "maxConnections", "maxMessagesPerSecond"]) {
    for (const value of [0, NaN]) {
      await assert.rejects(serve({ ...WHERE, [name]: value }, echo), {
        name: "RangeError",
        message: `Cannot use ${name} ${value}: it must be 1 or more`,
      });
    }
  }
  await assert.rejects(serve({ ...WHERE, maxBuffered: 10, lowWaterMark: 11 }, echo), RangeError);
  await assert.rejects(serve({ ...WHERE, overflow: "explode" as "drop" }, echo), TypeError);
  await assert.rejects(serve(WHERE, undefined as unknown as typeof echo), TypeError);
});

test("serve() says in words that a port is in use", async () => {
  const server = await serve(WHERE, echo);
  await assert.rejects(serve({ ...WHERE, port: server.port }, echo), {
    message: `Cannot listen on 127.0.0.1:${server.port}: the port is in use`,
  });
  await server[Symbol.asyncDispose](); // what `await using` does, where the syntax is known
});

test("close() closes the sockets, counts them, refuses new ones and stops listening", async () => {
  const server = await serve(WHERE, echo);
  const logs = await Promise.all([1, 2, 3].map(async () => {
    const log = new EventLog(connect(server.url));
    await log.next("open");
    return log;
  }));
  assert.equal(server.sockets.size, 3);
  const closing = server.close({ code: 1012, reason: "restarting" });
  assert.equal(closing, server.close());
  for (const log of logs) {
    const { code, reason } = await log.next("close");
    assert.deepEqual([code, reason], [1012, "restarting"]);
  }
  assert.deepEqual(await closing, { closed: 3, terminated: 0 });
  assert.equal(server.sockets.size, 0);
  await assert.rejects(TcpWire.connect(server.port));
});

test("close() refuses new sockets with 503 while it waits, and drops who does not answer", async () => {
  const server = await serve(WHERE, echo);
  const stubborn = await askUpgrade(server.port);
  await stubborn.peer.send("x");
  await stubborn.peer.next();
  // An answered Close on Bun is none: it reports the end at once, and stops.
  const waits = !("Bun" in globalThis);
  const closing = server.close({ deadline: 300 });
  if (waits) {
    const late = await askUpgrade(server.port);
    assert.equal(late.status, 503);
    assert.equal(late.header("retry-after"), "1");
    await late.body();
  }
  const ended = await closing;
  assert.deepEqual(ended, waits ? { closed: 0, terminated: 1 } : { closed: 1, terminated: 0 });
  await stubborn.peer.wire.reset();
});

test("close() refuses a code and a reason that may not be sent, and does nothing", async () => {
  const server = await serve(WHERE, echo);
  const log = new EventLog(connect(server.url));
  await log.next("open");
  await assert.rejects(server.close({ code: 1006 }), { name: "InvalidAccessError" });
  await assert.rejects(server.close({ reason: "x".repeat(124) }), { name: "SyntaxError" });
  await assert.rejects(server.close({ deadline: -1 }), RangeError);
  await assert.rejects(server.close({ over: NaN }), RangeError);
  assert.equal(server.sockets.size, 1);
  assert.deepEqual(await server.close(), { closed: 1, terminated: 0 });
});

test("close() spreads its Close frames over a time", async () => {
  const server = await serve(WHERE, echo);
  const count = 20;
  const over = 400;
  const logs = Array.from({ length: count }, () => new EventLog(connect(server.url)));
  await Promise.all(logs.map((log) => log.next("open")));
  const begun = performance.now();
  const closing = server.close({ over });
  const times = await Promise.all(logs.map(async (log) => {
    assert.equal((await log.next("close")).code, 1001);
    return performance.now() - begun;
  }));
  assert.deepEqual(await closing, { closed: count, terminated: 0 });
  const early = times.filter((time) => time < over / 2).length;
  assert.ok(early >= 2 && early <= 14, `${early} of ${count} in the first half`);
  assert.ok(Math.max(...times) >= over * 0.9, `${Math.max(...times)} ms`);
});

test("a close() that takes its time ends early if all sockets do", async () => {
  const server = await serve(WHERE, echo);
  const logs = [1, 2].map(() => new EventLog(connect(server.url)));
  await Promise.all(logs.map((log) => log.next("open")));
  const begun = performance.now();
  const closing = server.close({ over: 60_000 });
  for (const socket of server.sockets) socket.close(4000);
  await closing;
  assert.ok(performance.now() - begun < 10_000);
  for (const log of logs) assert.equal((await log.next("close")).code, 4000);
});

test("connect() refuses what is no address or subprotocol", () => {
  for (const url of ["", "nonsense", "ftp://127.0.0.1/", "ws://127.0.0.1/#a", "ws://127.0.0.1/#"]) {
    assert.throws(() => connect(url), { name: "SyntaxError" }, url);
  }
  for (const protocols of ["a b", "", ["a", "a"], ["a", "A"], ["é"], ["a,b"]]) {
    assert.throws(() => connect("ws://127.0.0.1:9/", { protocols }), { name: "SyntaxError" });
  }
  const binaryType = "nodebuffer" as BinaryType;
  assert.throws(() => connect("ws://127.0.0.1:9/", { binaryType }), TypeError);
  assert.throws(() => connect("ws://127.0.0.1:9/", { timeout: -1 }), RangeError);
});

test("connect() fails with error and 1006 where nobody listens, and where no WebSocket is", async () => {
  const server = await serve(WHERE, () => new Response("no", { status: 404 }));
  for (const url of ["ws://127.0.0.1:9/", server.url, `${server.url}?x`]) {
    const socket = connect(url);
    assert.ok(socket.url.startsWith("ws://"));
    const log = new EventLog(socket);
    const { code, reason, wasClean } = await log.next("close");
    assert.deepEqual([code, reason, wasClean], [1006, "", false]);
    assert.deepEqual([log.types, log.states], [["error", "close"], [3, 3]]);
    assert.ok(log.errors[0] instanceof Error);
    assert.equal(socket.readyState, Socket.CLOSED);
  }
  await server.close();
});
