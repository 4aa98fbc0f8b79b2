// A reader that is slow, or stops: bufferedAmount, drain, and the limits of a server.

import { FakeClock, pair, type PairOptions } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { type LoggedPair, openedPair } from "../logged_pair.ts";

const KIBIBYTE = 1024;

/** Makes a pair that is OPEN, and whose binary messages are ArrayBuffers. */
function opened(options: PairOptions = {}): Promise<LoggedPair> {
  return openedPair({ binaryType: "arraybuffer", ...options });
}

/** Returns the number of `drain` events. */
function drains({ types }: EventLog): number {
  return types.filter((type) => type === "drain").length;
}

test("a slow reader takes its bytes one by one: bufferedAmount falls as they leave", async () => {
  const { server, clientLog, clock } = await opened({ slowReader: { toClient: 1000 } });
  server.send(new Uint8Array(500));
  server.send("é".repeat(250));
  assert.equal(server.bufferedAmount, 1000);
  await clock.advance(123);
  assert.equal(server.bufferedAmount, 877);
  await clock.advance(376);
  assert.deepEqual([server.bufferedAmount, clientLog.data.length], [501, 0]);
  await clock.advance(1);
  assert.deepEqual([server.bufferedAmount, clientLog.data.length], [500, 1]);
  await clock.advance(500);
  assert.deepEqual([server.bufferedAmount, clientLog.data[1]], [0, "é".repeat(250)]);
  assert.deepEqual(clock.timers, []);
});

test("what has left is still on its way, as long as the latency", async () => {
  const { server, clientLog, clock } = await opened({ slowReader: 1000 });
  const made = pair({ clock, latency: 100, slowReader: 1000, heartbeat: 0, idleTimeout: 0 });
  const serverLog = new EventLog(made.server);
  await clock.advance(200);
  made.client.send("x".repeat(100));
  await clock.advance(100);
  assert.deepEqual([made.client.bufferedAmount, serverLog.data.length], [0, 0]);
  await clock.advance(99);
  assert.equal(serverLog.data.length, 0);
  await clock.advance(1);
  assert.equal(serverLog.data.length, 1);
  // Without latency it has arrived when it has left.
  server.send("x".repeat(100));
  await clock.advance(100);
  assert.equal(clientLog.data.length, 1);
});

test("a backlogged socket that ends takes no other's drain with it", async () => {
  const clock = new FakeClock();
  const options = { clock, heartbeat: 0, idleTimeout: 0, slowReader: 1000, lowWaterMark: 100 };
  const [gone, stays] = [pair(options), pair(options)];
  const log = new EventLog(stays.server);
  await clock.advance(0);
  for (const { server } of [gone, stays]) server.send(new Uint8Array(500));
  await clock.advance(100);
  gone.server.terminate();
  await clock.advance(310);
  assert.equal(drains(log), 1);
});

test("messages of no bytes, Ping and Close wait for their turn", async () => {
  const { client, serverLog, clientLog, clock } = await opened({ slowReader: 1000 });
  client.send("x".repeat(1000));
  client.send("");
  client.close(4000);
  await clock.advance(999);
  assert.deepEqual(serverLog.types, ["open"]);
  await clock.advance(1);
  assert.deepEqual(serverLog.types, ["open", "message", "message", "close"]);
  assert.equal((await clientLog.next("close")).code, 4000);
});

test("a client drains too, and its messages are copies of what was sent", async () => {
  const { client, clientLog, serverLog, clock } = await opened({ slowReader: 1024 * KIBIBYTE });
  const bytes = new Uint8Array(512 * KIBIBYTE);
  for (let i = 1; i <= 4; i++) client.send(bytes.fill(i));
  client.send(bytes.fill(5).buffer);
  bytes.fill(99);
  await clock.advance(1495);
  assert.equal(drains(clientLog), 0); // the mark of a client is a mebibyte
  await clock.advance(10);
  assert.equal(drains(clientLog), 1);
  await clock.advance(2000);
  const firsts = serverLog.data.map((data) => new Uint8Array(data as ArrayBuffer)[0]);
  assert.deepEqual(firsts, [1, 2, 3, 4, 5]);
  assert.equal(drains(clientLog), 1);
});

test('overflow "close" closes a slow client with 1013', async () => {
  const { server, clientLog, serverLog, clock, hub } = await opened({
    slowReader: { toClient: 1000 },
    maxBuffered: 5000,
    closeTimeout: 60_000,
  });
  let sent = 0;
  while (server.readyState === 1) {
    server.send(new Uint8Array(1000));
    sent++;
  }
  assert.deepEqual([sent, server.bufferedAmount], [6, 5000]);
  await clock.advance(5000);
  assert.deepEqual([clientLog.types.at(-1), serverLog.types.at(-1)], ["close", "close"]);
  assert.equal(clientLog.data.length, 5);
  assert.equal((await clientLog.next("close")).code, 1013);
  assert.equal((serverLog.errors[0] as DOMException).name, "QuotaExceededError");
  assert.equal(hub.stats().dropped, 1);
});

test('overflow "drop" drops what is too much, and goes on', async () => {
  const { server, clientLog, clock, hub } = await opened({
    slowReader: { toClient: 1000 },
    maxBuffered: 2000,
    overflow: "drop",
  });
  for (let second = 0; second < 10; second++) {
    for (let i = 0; i < 4; i++) server.send(`${second} ${i}`.padEnd(500));
    await clock.advance(1000); // two of them leave
  }
  await clock.advance(2000);
  assert.deepEqual([clientLog.data.length, hub.stats().dropped], [22, 18]);
  assert.equal(server.readyState, 1);
});

test('overflow "wait" throws until drain, which comes again and again', async () => {
  const { server, clientLog, serverLog, clock } = await opened({
    slowReader: { toClient: 1000 },
    maxBuffered: 2000,
    lowWaterMark: 500,
    overflow: "wait",
  });
  let next = 0;
  const pump = (): void => {
    try {
      while (next < 20) server.send(`${next}`.padEnd(500)), next++;
    } catch (error) {
      assert.equal((error as DOMException).name, "QuotaExceededError");
    }
  };
  server.addEventListener("drain", pump);
  pump();
  assert.equal(next, 4);
  await clock.advance(20_000);
  assert.deepEqual(clientLog.data.map(Number), Array.from({ length: 20 }, (_, i) => i));
  assert.ok(drains(serverLog) >= 5, `${drains(serverLog)} times`);
});

test("a server that waits for its client's reader does not read: the client's messages wait", async () => {
  const { client, server, clientLog, serverLog, clock } = await opened({
    slowReader: { toClient: 1000 },
    maxBuffered: 4000,
    lowWaterMark: 1000,
    overflow: "wait",
  });
  server.onmessage = ({ data }) => server.send(data);
  for (let i = 0; i < 40; i++) client.send(new Uint8Array(500).fill(i));
  await clock.advance(0);
  assert.deepEqual([serverLog.data.length, server.bufferedAmount], [3, 1500]);
  for (let i = 40; i < 50; i++) client.send(new Uint8Array(500).fill(i));
  assert.equal(client.bufferedAmount, 5000);
  await clock.advance(30_000);
  const firsts = clientLog.data.map((data) => new Uint8Array(data as ArrayBuffer)[0]);
  assert.deepEqual(firsts, Array.from({ length: 50 }, (_, i) => i));
  assert.equal(client.bufferedAmount, 0);
});

test("a server that has paused stops the reading: what is sent waits at the sender", async () => {
  const clock = new FakeClock();
  const { client, server, stall, resume } = pair({
    clock,
    heartbeat: 0,
    idleTimeout: 0,
    maxPayload: Infinity,
  });
  server.pause();
  let heard = 0;
  server.onmessage = () => heard++;
  await clock.advance(0);
  client.send("x");
  client.send("y".repeat(999));
  await clock.advance(0);
  assert.deepEqual([client.bufferedAmount, heard], [1000, 0]);
  stall();
  resume(); // it is the reader that holds it
  await clock.advance(0);
  assert.deepEqual([client.bufferedAmount, heard], [1000, 0]);
  server.resume();
  await clock.advance(0);
  assert.deepEqual([client.bufferedAmount, heard], [0, 2]);
});

test("a slow message is a sign of life at both ends, and a stalled one is none", async () => {
  const signs = { heartbeat: 25_000, idleTimeout: 60_000, maxPayload: Infinity };
  for (const direction of ["toServer", "toClient"] as const) {
    const { client, server, serverLog, clientLog, clock, stall } = await opened({
      ...signs,
      slowReader: { [direction]: 100 },
    });
    const [from, to] = direction === "toServer" ? [client, clientLog] : [server, serverLog];
    from.send(new Uint8Array(100 * 300)); // five minutes
    await clock.advance(200_000);
    assert.deepEqual([client.readyState, server.readyState], [1, 1], direction);
    assert.equal(to.data.length, 0);
    stall();
    await clock.advance(70_000);
    assert.equal((await serverLog.next("close")).code, 1006, direction);
    assert.equal((serverLog.errors[0] as DOMException).name, "TimeoutError");
  }
});
