// Loops over a reconnecting socket, and its promises: one for all of its connections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconnectHarness, settled } from "./harness.ts";

test("a loop hears one connection after another, and ends with the last", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect();
  const heard: unknown[] = [];
  const loop = (async () => {
    for await (const data of socket) heard.push(data);
  })();
  await socket.opened;
  harness.server.send("one");
  harness.server.close(1012);
  await log.next("waiting");
  await harness.clock.advance(60_000);
  await log.next("open");
  harness.server.send("two");
  harness.server.close(1000);
  await loop;
  assert.deepEqual(heard, ["one", "two"]);
  assert.equal((await socket.closed).code, 1000);
});

test("a loop throws what the last connection was lost by, when all is read", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({ until: () => true });
  const loop = socket[Symbol.asyncIterator]();
  await log.next("open");
  harness.server.send("one");
  await log.next("message");
  harness.server.terminate();
  await log.next("close");
  assert.deepEqual(await loop.next(), { value: "one", done: false });
  await assert.rejects(loop.next(), Error);
  assert.equal((await socket.closed).code, 1006);
});

test("a slow loop holds messages of each connection back, and the heartbeat rests", async () => {
  const harness = new ReconnectHarness();
  const heartbeat = { every: 1000, deadline: 500, message: "ping" };
  const { socket, log } = harness.reconnect({ heartbeat });
  const loop = socket[Symbol.asyncIterator]();
  await log.next("open");
  const big = "x".repeat(65 * 1024);
  harness.server.send(big);
  harness.server.send("behind");
  await settled();
  assert.equal(log.lines.filter((line) => line.startsWith("message")).length, 1);
  await harness.clock.advance(10_000);
  await settled();
  assert.equal(socket.readyState, socket.OPEN, "a slow reader is not a dead peer");

  harness.server.terminate(); // what it had sent is delivered, since no more will come
  await log.next("waiting");
  await harness.clock.advance(60_000);
  await log.next("open");
  harness.server.send("of the next connection");
  await settled();
  assert.equal(log.lines.filter((line) => line.startsWith("message")).length, 2);

  assert.deepEqual(await loop.next(), { value: big, done: false });
  assert.deepEqual(await loop.next(), { value: "behind", done: false });
  assert.deepEqual(await loop.next(), { value: "of the next connection", done: false });
  await harness.clock.advance(1600);
  await log.next("waiting"); // the heartbeat is at work again: nobody answered
  socket.close();
  assert.deepEqual(await loop.next(), { value: undefined, done: true });
});

test("opened rejects if all ends before the first connection", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const { socket } = harness.reconnect({ until: () => true });
  await assert.rejects(socket.opened, /503/);
});
