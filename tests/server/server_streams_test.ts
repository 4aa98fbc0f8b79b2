// A program that goes on writing after the end is slowed down, and its onError is called.

import { FakeClock, pair } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";

test("each write after the end takes 1 ms longer, up to 1 s, and the hundredth is reported", async () => {
  const clock = new FakeClock();
  const reported: string[] = [];
  const onError = (error: unknown): void => void reported.push(String(error));
  const { server, cut } = pair({ clock, onError, heartbeat: 0, idleTimeout: 0 });
  const writer = server.writable.getWriter();
  await clock.advance(1);
  cut();
  await clock.advance(1);
  const times: number[] = [];
  let writes = 0;
  const loop = (async () => {
    for (; writes < 1100; writes++) {
      const before = clock.now();
      await writer.write("x");
      times.push(clock.now() - before);
    }
  })();
  while (writes < 98) await clock.advance(1);
  assert.deepEqual(reported, []);
  while (writes < 1100) await clock.advance(1000);
  await loop;
  assert.deepEqual(times, Array.from(times, (_, i) => Math.min(i, 1000)));
  assert.equal(reported.length, 1);
  assert.match(reported[0]!, /^Error: Cannot write to a socket that has ended: .* watch `closed`/);
  assert.equal(server.bufferedAmount, 1100);
});

test("what waits in the stream when the socket ends is discarded at once", async () => {
  const clock = new FakeClock();
  const { server, stall, cut } = pair({ clock, maxBuffered: 1600, heartbeat: 0, idleTimeout: 0 });
  const writer = server.writable.getWriter();
  await clock.advance(1);
  stall();
  const written = Array.from({ length: 1000 }, () => writer.write("x".repeat(1000)));
  await clock.advance(1000);
  cut();
  await clock.advance(0);
  await Promise.all(written);
  assert.deepEqual(clock.timers, []);
});

test("who writes without waiting is slowed down as one", async () => {
  const clock = new FakeClock();
  const { server, cut } = pair({ clock, onError: assert.fail, heartbeat: 0, idleTimeout: 0 });
  const writer = server.writable.getWriter();
  await clock.advance(1);
  cut();
  await clock.advance(1);
  for (let turn = 0; turn < 10; turn++) {
    const written = Array.from({ length: 1000 }, () => writer.write("x"));
    await clock.advance(turn);
    await Promise.all(written);
  }
});

test("a pipe from the socket to itself ends with it, however much had arrived", async () => {
  const clock = new FakeClock();
  const { client, server, stall, cut } = pair({
    clock,
    onError: assert.fail,
    maxBuffered: 1600,
    heartbeat: 0,
    idleTimeout: 0,
  });
  let taken = 0;
  const counted = new TransformStream<string, string>({
    transform(message, controller) {
      taken++;
      controller.enqueue(message);
    },
  });
  const messages = server.readable as ReadableStream<string>;
  let isPiped = false;
  void messages.pipeThrough(counted).pipeTo(server.writable).then(() => isPiped = true);
  await clock.advance(1);
  stall("toClient");
  for (let i = 0; i < 500; i++) client.send("x".repeat(50));
  await clock.advance(1);
  cut();
  await clock.advance(100);
  assert.equal(taken, 500);
  assert.ok(isPiped);
  assert.deepEqual(clock.timers, []);
});
