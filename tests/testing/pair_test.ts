// Faults that a test causes at a moment of its choosing, and the ends of a pair.

import { FakeClock, pair, type PairOptions } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { type LoggedPair, openedPair } from "./logged_pair.ts";

/** Makes a pair that is OPEN, with up to half a second of latency. */
function opened(options: PairOptions = {}): Promise<LoggedPair> {
  return openedPair(options, 1000);
}

/** Returns code, reason and `wasClean` of the `close` event. */
async function end(log: EventLog): Promise<[number, string, boolean]> {
  const { code, reason, wasClean } = await log.next("close");
  return [code, reason, wasClean];
}

test("cut() breaks the connection: what is on its way is lost, and both ends get 1006", async () => {
  for (const latency of [0, 50]) {
    const { client, server, clientLog, serverLog, clock, cut } = await opened({ latency });
    client.send("lost");
    server.send("lost");
    cut();
    cut();
    assert.deepEqual([clientLog.types, serverLog.types], [["open"], ["open"]]); // not during the call
    await clock.advance(1000);
    assert.deepEqual([clientLog.types, serverLog.types], [["open", "error", "close"], [
      "open",
      "error",
      "close",
    ]]);
    assert.deepEqual([await end(clientLog), await end(serverLog)], [[1006, "", false], [
      1006,
      "",
      false,
    ]]);
    assert.deepEqual(clock.timers, []);
  }
});

test("cut() counts before the connection is open, and not after it has ended", async () => {
  const { client, server, cut } = pair();
  const logs = [new EventLog(client), new EventLog(server)];
  cut();
  for (const log of logs) {
    assert.deepEqual(await end(log), [1006, "", false]);
    assert.deepEqual(log.types, ["error", "close"]);
  }
  const made = await opened();
  made.client.close(4000);
  await made.clock.advance(0);
  made.cut();
  made.stall();
  made.resume();
  made.vanish();
  await made.clock.advance(0);
  assert.deepEqual([made.clientLog.types, made.serverLog.types], [["open", "close"], [
    "open",
    "close",
  ]]);
});

test("what cut() kept from leaving stays in bufferedAmount", async () => {
  const { client, clock, clientLog, stall, cut } = await opened();
  stall();
  client.send("12345");
  cut();
  await clock.advance(0);
  assert.deepEqual([clientLog.types.at(-1), client.bufferedAmount], ["close", 5]);
});

test("stall() holds one direction or both, and resume() lets all go on in order", async () => {
  for (const direction of ["toServer", "toClient", undefined] as const) {
    const { client, server, clientLog, serverLog, clock, stall, resume } = await opened({
      latency: 10,
    });
    client.send("on its way");
    server.send("on its way");
    stall(direction);
    client.send("12345");
    server.send("12345");
    await clock.advance(1000);
    const held = { toServer: [[], 5, 2, 0], toClient: [2, 0, [], 5] };
    const heard = [serverLog.data.length || [], client.bufferedAmount];
    const back = [clientLog.data.length || [], server.bufferedAmount];
    assert.deepEqual(
      [...heard, ...back],
      direction === undefined ? [[], 5, [], 5] : held[direction],
    );
    resume(direction);
    resume(direction);
    client.send("last");
    server.send("last");
    await clock.advance(10);
    assert.deepEqual(serverLog.data, ["on its way", "12345", "last"]);
    assert.deepEqual(clientLog.data, serverLog.data);
    assert.deepEqual([client.bufferedAmount, server.bufferedAmount], [0, 0]);
  }
});

test("stall() stops a slow reader in the middle of a message, and resume() goes on there", async () => {
  const { server, clientLog, clock, stall, resume } = await opened({ slowReader: 1000 });
  server.send("x".repeat(1000));
  await clock.advance(400);
  stall();
  await clock.advance(10_000);
  assert.equal(server.bufferedAmount, 600);
  resume();
  await clock.advance(599);
  assert.deepEqual([server.bufferedAmount, clientLog.data.length], [1, 0]);
  await clock.advance(1);
  assert.deepEqual([server.bufferedAmount, clientLog.data.length], [0, 1]);
});

test("a Close frame that is stalled is not answered: 1006 after closeTimeout", async () => {
  const { client, clientLog, serverLog, clock, stall, resume } = await opened({
    closeTimeout: 3000,
  });
  stall();
  client.close(4000);
  await clock.advance(2999);
  assert.deepEqual(clientLog.types, ["open"]);
  await clock.advance(1);
  assert.equal((clientLog.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual(await end(clientLog), [1006, "", false]);
  resume(); // it was sent before
  await clock.advance(0);
  assert.deepEqual(await end(serverLog), [4000, "", true]);
  assert.deepEqual(clock.timers, []);
});

test("vanish() makes the connection half open: cut() still breaks it", async () => {
  const { client, server, clientLog, serverLog, clock, stall, vanish, cut } = await opened({
    latency: 10,
  });
  client.send("on its way");
  stall("toClient");
  server.send("waits");
  vanish();
  assert.equal(server.bufferedAmount, 0);
  server.send("12345");
  server.terminate();
  await clock.advance(60_000);
  assert.deepEqual([clientLog.types, serverLog.types], [["open"], ["open", "error", "close"]]);
  assert.deepEqual([server.bufferedAmount, client.readyState], [0, 1]);
  cut();
  await clock.advance(0);
  assert.deepEqual(clientLog.types, ["open", "error", "close"]);
});

test("close codes that cross on the way: each end reports its peer's", async () => {
  const { client, server, clientLog, serverLog, clock } = await opened({ latency: 10 });
  client.close(4001, "client");
  server.close(4002, "server ✓");
  await clock.advance(10);
  assert.deepEqual(await end(clientLog), [4002, "server ✓", true]);
  assert.deepEqual(await end(serverLog), [4001, "client", true]);
  await clock.advance(10_000);
  assert.deepEqual([clientLog.types, serverLog.types], [["open", "close"], ["open", "close"]]);
  assert.deepEqual(clock.timers, []);
});

test("a client that is closed while CONNECTING is gone, and its server learns it", async () => {
  const clock = new FakeClock();
  const { client, server } = pair({ clock, latency: 10, heartbeat: 0, idleTimeout: 0 });
  const [clientLog, serverLog] = [new EventLog(client), new EventLog(server)];
  client.close();
  await clock.advance(0);
  assert.deepEqual(clientLog.types, ["error", "close"]);
  await clock.advance(10);
  assert.deepEqual(serverLog.types, ["open", "error", "close"]);
  assert.deepEqual(clock.timers, []);
});

test("a server that is terminated while CONNECTING never opens, nor does its client", async () => {
  const clock = new FakeClock();
  const { client, server } = pair({ clock, latency: 10 });
  const [clientLog, serverLog] = [new EventLog(client), new EventLog(server)];
  server.terminate();
  await clock.advance(20);
  assert.deepEqual([clientLog.types, serverLog.types], [["error", "close"], ["error", "close"]]);
  assert.deepEqual(clock.timers, []);
});

test("a handshake that takes longer than handshakeTimeout ends at the server", async () => {
  const clock = new FakeClock();
  const { client, server, stall } = pair({ clock, handshakeTimeout: 5000 });
  const [clientLog, serverLog] = [new EventLog(client), new EventLog(server)];
  stall();
  await clock.advance(4999);
  assert.deepEqual(serverLog.types, []);
  await clock.advance(1);
  assert.equal((serverLog.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual([clientLog.types, client.readyState], [[], 0]);
  client.close();
  await clock.advance(0);
  assert.deepEqual(clock.timers, []);
});

test("a quiet peer that answers Ping frames stays, and one that vanished is dropped", async () => {
  const { clientLog, serverLog, clock, vanish } = await opened({
    heartbeat: 25_000,
    idleTimeout: 60_000,
  });
  await clock.advance(3_600_000);
  assert.deepEqual([clientLog.types, serverLog.types], [["open"], ["open"]]);
  vanish();
  await clock.advance(59_000);
  assert.deepEqual(serverLog.types, ["open"]);
  await clock.advance(11_000);
  assert.deepEqual(serverLog.types, ["open", "error", "close"]);
});

test("without a heartbeat, a talker stays and a silent peer does not", async () => {
  const { client, serverLog, clock } = await opened({ heartbeat: 0, idleTimeout: 60_000 });
  for (let i = 0; i < 10; i++) {
    client.send("I am here");
    await clock.advance(50_000);
  }
  assert.ok(!serverLog.types.includes("close"));
  await clock.advance(80_000);
  assert.deepEqual(await end(serverLog), [1006, "", false]);
});

test("maxPayload and maxMessagesPerSecond hold in memory, by the clock", async () => {
  const { client, clientLog, serverLog, clock } = await opened({
    maxPayload: 1000,
    maxMessagesPerSecond: 10,
  });
  for (let second = 0; second < 5; second++) {
    for (let i = 0; i < 10; i++) client.send("é".repeat(500));
    await clock.advance(1000);
  }
  assert.equal(serverLog.data.length, 50);
  client.send("é".repeat(500) + "e");
  await clock.advance(0);
  assert.equal((await end(clientLog))[0], 1009);
  assert.equal((await end(serverLog))[0], 1006);
  const fast = await opened({ maxMessagesPerSecond: 10 });
  for (let i = 0; i < 30; i++) fast.client.send("too fast");
  await fast.clock.advance(0);
  assert.equal((await end(fast.clientLog))[0], 1008);
});

test("hub.close() waits until its deadline, by the clock", async () => {
  let done: unknown;
  const keep = (closed: unknown): void => void (done = closed);
  const answering = await opened({ latency: 100 });
  answering.hub.close({ deadline: 5000 }).then(keep);
  await answering.clock.advance(200);
  assert.deepEqual(done, { closed: 1, terminated: 0 });
  assert.deepEqual(await end(answering.clientLog), [1001, "", true]);

  const { hub, clock, serverLog, vanish } = await opened();
  vanish();
  hub.close({ deadline: 5000 }).then(keep);
  await clock.advance(4999);
  assert.deepEqual(serverLog.types, ["open"]);
  await clock.advance(1);
  assert.deepEqual(done, { closed: 0, terminated: 1 });

  const later = await opened();
  later.hub.close({ over: 3000 }).then(keep);
  await later.clock.advance(2900);
  assert.deepEqual(later.clientLog.types, ["open"]);
  await later.clock.advance(200);
  assert.deepEqual(done, { closed: 1, terminated: 0 });
});

test("a listener's error closes the server's socket with 1011, and onError gets it", async () => {
  const errors: unknown[] = [];
  const { client, server, clientLog, clock } = await opened({
    onError: (error) => errors.push(error),
  });
  server.onmessage = () => {
    throw new Error("a bug");
  };
  client.send("x");
  await clock.advance(0);
  assert.equal((await end(clientLog))[0], 1011);
  assert.equal((errors[0] as Error).message, "a bug");
});
