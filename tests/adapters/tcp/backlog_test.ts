// What waits for a stream that is behind: its order, and the memory that it takes.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { AT_ONCE, Backlog } from "../../../src/adapters/tcp/backlog.ts";
import { FakeStream, tick } from "./fake_stream.ts";

/** Returns a backlog, its stream, and how often it has drained. */
function made(room = 0): { backlog: Backlog; stream: FakeStream; drained: () => number } {
  const stream = new FakeStream(room);
  let count = 0;
  const backlog = new Backlog(stream.socket, () => void count++);
  return { backlog, stream, drained: () => count };
}

test("short pieces are joined, and copied", () => {
  const { backlog, stream } = made(Infinity);
  const piece = Buffer.from("abc");
  for (let i = 0; i < 10; i++) backlog.add(piece, false);
  assert.equal(backlog.size, 30);
  piece.fill(0);
  backlog.write();
  assert.equal(stream.takeText(), "abc".repeat(10));
  assert.deepEqual(stream.pieces, [30]);
  assert.equal(backlog.size, 0);
});

test("a long piece is not copied if its memory is its own", () => {
  const { backlog, stream } = made();
  const own = Buffer.allocUnsafeSlow(4096).fill("o");
  backlog.add(Buffer.from("a"), true);
  backlog.add(own, true);
  backlog.add(own, false);
  backlog.write();
  assert.deepEqual(stream.pieces.slice(0, 2), [1, 4096]);
  assert.deepEqual(stream.memories.map((it) => it === own.buffer).slice(0, 3), [
    false,
    true,
    false,
  ]);
  stream.allow(Infinity);
  assert.equal(stream.takeText(), `a${"o".repeat(8192)}`);
});

test("what comes while the stream is behind is written when it has all that it was given", async () => {
  const { backlog, stream, drained } = made();
  backlog.add(Buffer.from("first"), false);
  backlog.write();
  backlog.add(Buffer.from(", second"), false);
  backlog.write();
  backlog.add(Buffer.from(", third"), false);
  backlog.write();
  assert.deepEqual(stream.pieces, [5]);
  assert.equal(backlog.size, 15);
  stream.allow(3);
  await tick();
  assert.deepEqual([stream.takeText(), drained()], ["fir", 0]);
  stream.allow(Infinity);
  await tick();
  assert.equal(stream.takeText(), "st, second, third");
  assert.equal(drained(), 1);
});

test("short pieces between long ones take little memory", () => {
  const { backlog, stream } = made();
  const long = Buffer.allocUnsafeSlow(4096);
  for (let i = 0; i < 60; i++) {
    backlog.add(Buffer.from("short"), false);
    backlog.add(long, true);
  }
  backlog.write();
  const bytes = stream.writableLength;
  assert.equal(bytes, 60 * (5 + 4096));
  assert.ok(stream.kept <= 2 * bytes, `${stream.kept} bytes for ${bytes}`);
});

test("two bytes take no large block", () => {
  const { backlog, stream } = made();
  backlog.add(Buffer.from("ab"), false);
  backlog.write();
  assert.ok(stream.kept <= 512);
});

for (const size of [1, 511, 512, 513, 4095, 4096, 65_535, 65_536, 65_537, 300_000]) {
  test(`pieces of ${size} bytes come out as they went in`, async () => {
    const { backlog, stream, drained } = made(Infinity);
    const wanted: Buffer[] = [];
    for (let i = 0; i < 5; i++) {
      const piece = Buffer.alloc(size, i);
      backlog.add(piece, i % 2 === 0);
      wanted.push(piece);
    }
    backlog.write();
    while (drained() === 0) await tick();
    assert.ok(stream.take().equals(Buffer.concat(wanted)));
  });
}

test("a long piece is given to the stream in parts, so that what has left can be seen", async () => {
  const { backlog, stream, drained } = made();
  backlog.add(Buffer.alloc(3 * AT_ONCE + 1), true);
  backlog.write();
  const buffered = (): number => backlog.size + stream.writableLength;
  assert.deepEqual([buffered(), stream.writableLength], [3 * AT_ONCE + 1, AT_ONCE]);
  for (let left = 3; left > 0; left--) {
    stream.allow(AT_ONCE);
    await tick();
    assert.equal(buffered(), (left - 1) * AT_ONCE + 1);
  }
  stream.allow(1);
  await tick();
  assert.deepEqual([buffered(), drained()], [0, 1]);
});

test("when the stream fails, nothing is written any more", async () => {
  const { backlog, stream, drained } = made();
  const written: ((error?: Error) => void)[] = [];
  stream.write = (_piece, done) => {
    if (done != null) written.push(done);
    return false;
  };
  backlog.add(Buffer.from("a"), false);
  backlog.write();
  backlog.add(Buffer.from("b"), false);
  written[0]!(new Error("reset"));
  await tick();
  assert.deepEqual([written.length, drained()], [1, 0]);
});
