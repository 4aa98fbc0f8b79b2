// Writing of a connection's frames: together, in order, and without a byte of others.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Slab } from "../../../src/adapters/tcp/slab.ts";
import { flushAll, TcpWriter } from "../../../src/adapters/tcp/tcp_writer.ts";
import { Connections } from "./connections.ts";
import { FakeStream, tick } from "./fake_stream.ts";

test("frames of a tick are one piece, and so are those of a cork", async () => {
  const one = new Connections().add();
  one.text("a");
  one.text("b");
  one.ping();
  assert.equal(one.writer.bufferedAmount, 8);
  assert.deepEqual(one.stream.pieces, []);
  await tick();
  assert.deepEqual(one.stream.pieces, [8]);
  one.writer.cork();
  one.text("c");
  one.text("d");
  assert.deepEqual(one.stream.pieces, [8]);
  one.writer.uncork();
  assert.deepEqual(one.stream.pieces, [8, 6]);
  one.assertAll();
});

test("own, shared, long shared and large frames come in order", async () => {
  const all = new Connections();
  const [one, two] = [all.add(), all.add()];
  const shared = [1, 2, 3].map((it) => ({ data: `shared ${it}` }));
  const long = { data: "long".repeat(8000) };
  for (const it of [one, two]) {
    it.text("own");
    it.shared(shared[0]!);
    it.shared(shared[1]!);
    it.text("x".repeat(200_000));
    it.shared(long);
    it.shared(shared[2]!);
    it.ping();
    it.shared(long);
  }
  await tick();
  one.assertAll();
  two.assertAll();
  await all.assertNoRuns();
});

test("a listener that sends to others while its connection is read does not mix them up", async () => {
  const all = new Connections();
  const [one, two] = [all.add(), all.add()];
  one.writer.cork();
  for (let i = 0; i < 100; i++) {
    one.text(`one ${i}`);
    two.text(`two ${i}`);
    two.shared({ data: `both ${i}` });
    one.shared({ data: `both ${i}` });
  }
  one.writer.uncork();
  one.assertAll();
  assert.equal(two.stream.size, 0);
  await tick();
  two.assertAll();
  await all.assertNoRuns();
});

test("a tick that brings many leaves in pieces of about 64 KiB", async () => {
  const one = new Connections().add();
  for (let i = 0; i < 100; i++) one.text("x".repeat(998));
  await tick();
  assert.deepEqual(one.stream.pieces, [66 * 1002, 34 * 1002]);
});

test("frames around those that another connection has sent are not written over", async () => {
  for (const copies of [false, true]) {
    const all = new Connections();
    const [one, two] = [all.add(Infinity, copies), all.add(Infinity, copies)];
    one.text("before");
    two.writer.cork();
    two.text("x".repeat(70_000)); // long enough for those behind it to be far
    two.writer.uncork();
    for (let i = 0; i < 20; i++) one.text(`behind ${i}`);
    await tick();
    one.assertAll();
    two.assertAll();
    await all.assertNoRuns();
  }
});

test("a full slab sends everybody's frames before it goes on", async () => {
  const all = new Connections();
  const many = Array.from({ length: 20 }, () => all.add());
  for (let round = 0; round < 3; round++) {
    for (const [i, it] of many.entries()) it.binary(new Uint8Array(50_000).fill(i));
  }
  await tick();
  for (const it of many) it.assertAll();
  await all.assertNoRuns();
});

test("memory that a stream still has is not written to", async () => {
  const all = new Connections();
  const [slow, fast] = [all.add(10), all.add()];
  slow.text("slow".repeat(1000));
  await tick();
  for (let i = 0; i < 200; i++) {
    fast.text("fast".repeat(1000));
    await tick();
  }
  slow.stream.allow(Infinity);
  slow.assertAll();
  fast.assertAll();
});

test("what waits leaves when the stream has written, then the end", async () => {
  const one = new Connections().add(10);
  one.text("first".repeat(10));
  await tick();
  assert.ok(!one.writer.isWaiting);
  one.text("second");
  await tick();
  assert.ok(one.writer.isWaiting);
  one.text("third");
  one.writer.end();
  assert.ok(!one.stream.isEnded);
  one.assertPrefix();
  one.stream.allow(Infinity);
  await tick();
  assert.ok(one.stream.isEnded);
  one.assertAll();
  assert.equal(one.drained, 0);
});

test("the end comes at once if nothing waits, behind what was collected", () => {
  const one = new Connections().add();
  one.writer.cork();
  one.text("last");
  one.writer.end();
  one.writer.end();
  assert.ok(one.stream.isEnded);
  one.writer.uncork();
  one.assertAll();
});

test("drained is called when all that waited has left", async () => {
  const one = new Connections().add(1);
  one.text("a");
  await tick();
  one.text("b");
  await tick();
  assert.equal(one.drained, 0);
  one.stream.allow(Infinity);
  await tick();
  assert.equal(one.drained, 1);
  assert.equal(one.writer.mostBuffered, 0);
});

test("what the handshake has left in the stream is within mostBuffered", () => {
  const stream = new FakeStream(0);
  stream.write(Buffer.alloc(129));
  const writer = new TcpWriter(stream.socket, new Slab(flushAll), true, () => {});
  const { mostBuffered } = writer;
  assert.ok(mostBuffered >= writer.bufferedAmount);
});

test("readers that stop one after the other keep no slab each", async () => {
  const all = new Connections();
  const slow = Array.from({ length: 50 }, () => all.add());
  const fast = Array.from({ length: 1500 }, () => all.add());
  for (const it of slow) {
    it.stream.allow(0);
    for (const some of [fast.slice(0, 750), [it], fast.slice(750)]) {
      for (const other of some) other.text("x".repeat(150));
    }
    await tick();
  }
  const memories = new Set(slow.flatMap(({ stream }) => stream.memories));
  const kept = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = slow.reduce((sum, { writer }) => sum + writer.bufferedAmount, 0);
  assert.equal(bytes, 50 * 154);
  assert.ok(kept <= 2 * 256 * 1024, `${kept} bytes of memory for ${bytes}`);
  for (const it of slow) {
    it.stream.allow(Infinity);
    it.assertAll();
  }
});
