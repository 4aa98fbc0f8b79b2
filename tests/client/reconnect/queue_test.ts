// reconnect(): messages that wait for a connection, and what becomes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconnectHarness, settled, task } from "./harness.ts";

/** Collects the messages that the servers receive, each with the number of its connection. */
function collect(harness: ReconnectHarness): [number, unknown][] {
  const heard: [number, unknown][] = [];
  let known = 0;
  const { push } = harness.servers;
  harness.servers.push = (...servers) => {
    for (const server of servers) {
      const number = known++;
      server.binaryType = "arraybuffer";
      server.onmessage = ({ data }) => heard.push([number, data]);
    }
    return push.apply(harness.servers, servers);
  };
  return heard;
}

test("messages wait for a connection, and leave in order, behind what open listeners send", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const heard = collect(harness);
  const { socket, log } = harness.reconnect();
  const bytes = new Uint8Array([1, 2, 3]);
  socket.send("äpfel");
  socket.send(bytes);
  socket.send(new Blob(["blob"]));
  socket.send(5 as unknown as string);
  assert.equal(socket.bufferedAmount, 6 + 3 + 4 + 1);
  bytes.fill(0); // captured already
  socket.onopen = () => socket.send("token");
  await log.next("waiting");
  await harness.clock.advance(500);
  await log.next("open");
  socket.send("last");
  while (heard.length < 6) await task(); // browsers take their time to read a Blob
  assert.deepEqual(heard, [
    [0, "token"],
    [0, "äpfel"],
    [0, new Uint8Array([1, 2, 3]).buffer],
    [0, new TextEncoder().encode("blob").buffer],
    [0, "5"],
    [0, "last"],
  ]);
  assert.equal(socket.bufferedAmount, 0);
  await socket[Symbol.asyncDispose]();
});

test("what is sent when the peer has closed waits for the next connection", async () => {
  const harness = new ReconnectHarness();
  const heard = collect(harness);
  const { socket, log } = harness.reconnect();
  await log.next("open");
  socket.send("one");
  await settled();
  harness.peerHasClosed = true;
  socket.send("two");
  assert.deepEqual([socket.readyState, socket.bufferedAmount], [1, 3]);
  harness.peerHasClosed = false;
  harness.server.close(4000);
  const { delay } = await log.next("waiting");
  await harness.clock.advance(delay);
  await log.next("open");
  await settled();
  assert.deepEqual(heard, [[0, "one"], [1, "two"]]);
  await socket[Symbol.asyncDispose]();
});

test("1,000 numbered messages over 100 lost connections: each at most once, and in order", async () => {
  const harness = new ReconnectHarness();
  const heard = collect(harness);
  const { socket, log } = harness.reconnect();
  let number = 0;
  let queued = 0;
  for (let turn = 0; turn < 100; turn++) {
    for (let i = 0; i < 5; i++, queued++) socket.send(`${number++}`); // while there is none
    await log.next("open");
    for (let i = 0; i < 5; i++) socket.send(`${number++}`);
    if (turn % 2 === 0) await settled(); // every other time, it is lost with messages on their way
    harness.server.terminate();
    const { delay } = await log.next("waiting");
    await harness.clock.advance(delay);
  }
  await log.next("open");
  await settled();
  const numbers = heard.map(([, data]) => Number(data));
  assert.deepEqual(numbers, [...new Set(numbers)].toSorted((a, b) => a - b));
  assert.ok(numbers.length >= 500, `${numbers.length} of ${number} arrived`);
  assert.equal(harness.maxConnections, 1);
  assert.equal(queued, 500);
  await socket[Symbol.asyncDispose]();
});

test("what would be too much is rejected, and what waits still goes", async () => {
  const harness = new ReconnectHarness();
  const heard = collect(harness);
  const { socket, log } = harness.reconnect({ queue: { bytes: 4 } });
  const quota = { name: "QuotaExceededError" };
  socket.send("ab");
  assert.throws(() => socket.send("äb"), quota);
  socket.send("");
  socket.send("cd");
  assert.throws(() => socket.send("e"), quota);
  assert.throws(() => socket.send(new Blob(["e"])), quota);
  assert.equal(socket.bufferedAmount, 4);
  await log.next("open");
  socket.send("far more than four bytes");
  await settled();
  assert.deepEqual(heard.map(([, data]) => data), ["ab", "", "cd", "far more than four bytes"]);
  await socket[Symbol.asyncDispose]();
});

test("drop-oldest forgets what has waited longest, and rejects what would never fit", async () => {
  const harness = new ReconnectHarness();
  const heard = collect(harness);
  const { socket, log } = harness.reconnect({ queue: { bytes: 4, overflow: "drop-oldest" } });
  for (const text of ["a", "b", "c", "d", "ef"]) socket.send(text);
  assert.throws(() => socket.send("12345"), { name: "QuotaExceededError" });
  assert.equal(socket.bufferedAmount, 4);
  await log.next("open");
  await settled();
  assert.deepEqual(heard.map(([, data]) => data), ["c", "d", "ef"]);
  await socket[Symbol.asyncDispose]();
});

test("a queue of 0 bytes keeps nothing", async () => {
  const harness = new ReconnectHarness();
  const { socket } = harness.reconnect({ queue: { bytes: 0 } });
  assert.throws(() => socket.send("a"), { name: "QuotaExceededError" });
  await socket[Symbol.asyncDispose]();
});

test("close() in an open listener comes behind what waits", async () => {
  const harness = new ReconnectHarness();
  const heard = collect(harness);
  const { socket, log } = harness.reconnect();
  socket.send("first");
  socket.onopen = () => socket.close(4000);
  await log.next("close");
  await settled();
  assert.deepEqual(heard.map(([, data]) => data), ["first"]);
});

test("what waits when it is closed is lost, and what is sent after it is counted", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const { socket, log } = harness.reconnect();
  await log.next("waiting");
  socket.send("four");
  socket.close();
  socket.send("five5");
  assert.equal(socket.bufferedAmount, 9);
  await log.next("close");
  socket.send("six6s6");
  assert.equal(socket.bufferedAmount, 15);
});
