// Memory of frames: which of it is used again, and when.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Slab } from "../../../src/adapters/tcp/slab.ts";

const SIZE = 256 * 1024;

/** Writes a frame of a size, as a `FrameWriter` does, and returns it. */
function write(slab: Slab, size: number): Buffer {
  slab.reserve(size);
  slab.end += size;
  return Buffer.from(slab.bytes.buffer, slab.bytes.byteOffset + slab.start, size);
}

/** Writes a run of one frame. */
function run(slab: Slab, size: number): Buffer {
  const frame = write(slab, size);
  slab.hold();
  return frame;
}

function newSlab(): Slab {
  return new Slab(() => {});
}

test("memory that the system has taken is used again", () => {
  const slab = newSlab();
  for (let i = 0; i < 3; i++) {
    const { byteOffset } = run(slab, 1000);
    assert.equal(byteOffset, slab.bytes.byteOffset);
    slab.release(Buffer.from(slab.bytes.buffer, byteOffset, 1000), true);
    assert.equal(slab.end, 0);
  }
});

test("nothing is used again while a run is held", () => {
  const slab = newSlab();
  const [a, b] = [run(slab, 100), run(slab, 100)];
  slab.release(a, true);
  assert.equal(slab.end, 200);
  const c = run(slab, 100);
  assert.equal(slab.start, 200);
  slab.release(b, true);
  slab.release(c, true);
  assert.equal(slab.end, 0);
});

test("a run that the system has not taken stays where it is", () => {
  const slab = newSlab();
  const [a, b, c] = [run(slab, 100), run(slab, 100), run(slab, 100)];
  slab.release(b, false);
  slab.release(c, true);
  slab.release(a, true);
  run(slab, 10);
  assert.equal(slab.start, 200);
});

test("a run that ends further ahead does not give free what is behind it", () => {
  const slab = newSlab();
  const [a, b] = [run(slab, 100), run(slab, 100)];
  slab.release(b, false);
  slab.release(a, false);
  run(slab, 10);
  assert.equal(slab.start, 200);
});

test("new memory comes when half of it is not taken; old runs have no effect then", () => {
  const slab = newSlab();
  const { bytes } = slab;
  const first = run(slab, 1000);
  slab.release(first, false);
  const second = run(slab, SIZE / 2 - 1000);
  slab.release(second, false);
  assert.equal(slab.bytes, bytes, "exactly half");
  const third = run(slab, 1);
  slab.release(third, false);
  assert.notEqual(slab.bytes, bytes);
  assert.equal(slab.end, 0);
  const fresh = run(slab, 10);
  slab.release(third, true);
  slab.release(third, true);
  assert.equal(slab.end, 10, "the fresh run is still held");
  slab.release(fresh, true);
  assert.equal(slab.end, 0);
});

test("a full slab is flushed before a frame, and not in the middle of it", () => {
  const held: Buffer[] = [];
  let flushed = 0;
  const slab: Slab = new Slab(() => {
    flushed++;
    for (const it of held.splice(0)) slab.release(it, true);
  });
  for (let i = 0; i < 4; i++) held.push(run(slab, SIZE / 4));
  assert.equal(flushed, 0);
  held.push(run(slab, 1));
  assert.deepEqual([flushed, slab.start, slab.end], [1, 0, 1]);
});

test("if a run is never released, new memory comes", () => {
  const slab = newSlab();
  const lost = run(slab, SIZE / 2);
  run(slab, SIZE / 2);
  const { bytes } = slab;
  const next = run(slab, 100);
  assert.notEqual(slab.bytes, bytes);
  assert.notEqual(next.buffer, lost.buffer);
  slab.release(next, true);
  assert.equal(slab.end, 0);
});

test("a large frame has memory of its own, and the slab is as before", () => {
  const slab = newSlab();
  const { bytes } = slab;
  const small = run(slab, 100);
  const large = write(slab, SIZE / 2 + 1);
  assert.ok(slab.isOwn);
  assert.equal(large.buffer.byteLength, large.length);
  assert.ok(!slab.has(large));
  slab.share();
  assert.deepEqual([slab.bytes, slab.end], [bytes, 100]);
  const next = run(slab, 100);
  slab.release(small, true);
  slab.release(next, true);
  assert.equal(slab.end, 0);
});

test("a large frame that was not finished is forgotten", () => {
  const slab = newSlab();
  const small = run(slab, 100);
  slab.reserve(SIZE);
  const next = run(slab, 50);
  assert.deepEqual([slab.isOwn, slab.start, slab.end], [false, 100, 150]);
  slab.release(small, true);
  slab.release(next, true);
  assert.equal(slab.end, 0);
});

for (const isTaken of [true, false]) {
  test(`runs can be released while a large frame is written, taken: ${isTaken}`, () => {
    const slab = newSlab();
    const small = run(slab, 100);
    write(slab, SIZE);
    slab.release(small, isTaken);
    slab.share();
    assert.equal(slab.end, isTaken ? 0 : 100);
  });
}

test("new memory can come while a large frame is written", () => {
  const slab = newSlab();
  const { bytes } = slab;
  const small = run(slab, 100_000);
  const other = run(slab, 100_000);
  const large = write(slab, SIZE);
  slab.release(small, false);
  slab.release(other, false);
  assert.equal(slab.bytes.buffer, large.buffer);
  slab.share();
  assert.notEqual(slab.bytes, bytes);
  assert.equal(slab.end, 0);
});

test("a run is far if others lie between it and what is not taken", () => {
  const slab = newSlab();
  const near = run(slab, 100);
  assert.ok(!slab.isFar(near));
  run(slab, 10_000);
  const far = run(slab, 100);
  assert.ok(slab.isFar(far));
  assert.ok(!slab.isFar(Buffer.alloc(10)), "not of this slab");
});

test("memory of a program's own can be part of a larger one", () => {
  const memory = new Uint8Array(new ArrayBuffer(4096), 1024, 2048);
  const slab = new Slab(() => {}, memory);
  const first = run(slab, 100);
  assert.equal(first.byteOffset, 1024);
  slab.release(first, false);
  assert.equal(slab.end, 100);
});
