// Frames of messages for many connections: encoded once, joined once.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SharedMessage } from "../../../src/core/link.ts";
import { FrameEncoder, SharedFrames, viewOf } from "../../../src/adapters/tcp/shared_frames.ts";

const encoder = new FrameEncoder({ role: "server" });

function message(data: string): SharedMessage {
  return { data };
}

test("a message is encoded once, for as many ticks as it is sent in", () => {
  const frames = new SharedFrames();
  const shared = message("once");
  assert.equal(frames.indexOf(shared, encoder), 0);
  assert.equal(frames.indexOf(shared, encoder), 0);
  const first = frames.join(0, 1);
  assert.equal(first.toString("latin1"), "\x81\x04once");
  frames.clear();
  assert.equal(frames.indexOf(message("other"), encoder), 0);
  assert.equal(frames.indexOf(shared, encoder), 1);
  assert.equal(frames.join(1, 2), first);
});

test("a frame is memory of its own, and so is one of bytes that their owner changes", () => {
  const data = new Uint8Array([1, 2, 3]);
  const one = encoder.encode(data), two = encoder.encode(data.buffer);
  data.fill(9);
  assert.deepEqual([...one], [0x82, 3, 1, 2, 3]);
  assert.deepEqual([...two], [0x82, 3, 1, 2, 3]);
  assert.equal(one.buffer.byteLength, one.length);
  assert.notEqual(one.buffer, two.buffer);
});

test("connections with other parameters get a frame of their own", () => {
  const frames = new SharedFrames();
  const masking = new FrameEncoder({ role: "client", maskKey: () => 0 });
  const shared = message("a");
  const plain = frames.indexOf(shared, encoder), masked = frames.indexOf(shared, masking);
  assert.notEqual(plain, masked);
  assert.equal(frames.lengthAt(plain), 3);
  assert.equal(frames.lengthAt(masked), 7);
  assert.equal(frames.indexOf(shared, encoder), plain);
  assert.equal(frames.indexOf(shared, masking), masked);
});

test("what several connections get of the list is joined once", () => {
  const frames = new SharedFrames();
  for (const it of ["a", "b", "c"]) frames.indexOf(message(it), encoder);
  const all = frames.join(0, 3);
  assert.equal(all.toString("latin1"), "\x81\x01a\x81\x01b\x81\x01c");
  assert.equal(frames.join(0, 3), all);
  assert.equal(frames.join(0, 2).toString("latin1"), "\x81\x01a\x81\x01b");
  assert.equal(frames.join(1, 3).toString("latin1"), "\x81\x01b\x81\x01c");
  frames.clear();
  frames.indexOf(message("d"), encoder);
  frames.indexOf(message("e"), encoder);
  frames.indexOf(message("f"), encoder);
  assert.equal(frames.join(0, 3).toString("latin1"), "\x81\x01d\x81\x01e\x81\x01f");
});

test("a view is of the same memory", () => {
  const { buffer } = new Uint8Array(10);
  assert.equal(viewOf(buffer).buffer, buffer);
  const part = new Uint8Array(buffer, 2, 3);
  assert.equal(viewOf(part), part);
});
