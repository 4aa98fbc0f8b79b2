// Frames encoded and read: every length form, masked or not, cut anywhere.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { random } from "../../../src/conformance/wire/corpus.ts";
import {
  FrameReader,
  FrameTooLarge,
  type ReadFrame,
} from "../../../src/conformance/wire/frame_reader.ts";
import {
  binary,
  bytesOf,
  close,
  encode,
  encodeRest,
  fill,
  type Frame,
  hex,
  ping,
  rest,
  split,
  text,
} from "../../../src/conformance/wire/frame.ts";

const bytes = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

function read(...chunks: readonly Uint8Array[]): ReadFrame[] {
  const reader = new FrameReader(1 << 20, 64);
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

test("encode() writes the examples of section 5.7", () => {
  const examples: [Frame, boolean, string][] = [
    [text("Hello"), false, "810548656c6c6f"],
    [text("Hello", { key: [0x37, 0xfa, 0x21, 0x3d] }), true, "818537fa213d7f9f4d5158"],
    [text("Hel", { fin: false }), false, "010348656c"],
    [ping("Hello"), false, "890548656c6c6f"],
  ];
  for (const [frame, masks, expected] of examples) {
    assert.equal(bytes(encode(frame, masks)), expected);
  }
  assert.equal(bytes(encode(binary(fill("x", 256)), false).subarray(0, 4)), "827e0100");
  assert.equal(
    bytes(encode(binary(fill("x", 65536)), false).subarray(0, 10)),
    "827f0000000000010000",
  );
});

test("encode() writes illegal frames", () => {
  assert.equal(bytes(encode({ opcode: 0xf, rsv: 7, fin: false, length: 9 }, false)), "7f09");
  assert.equal(bytes(encode(text("a", { lengthBytes: 2 }), false)), "817e000161");
  assert.equal(bytes(encode(text("a", { lengthBytes: 8 }), false)), "817f000000000000000161");
  assert.equal(bytes(encode(text("", { length: 1n << 63n }), false)), "817f8000000000000000");
  assert.equal(bytes(encode(text("", { mask: true }), false)), "81809a3c5e71");
  assert.equal(bytes(encode(text("a", { mask: false }), true)), "810161");
  assert.equal(bytes(encode(close(1000, "x"), false)), "880303e878");
  assert.equal(bytes(encode(close(), false)), "8800");
});

test("encodeRest() continues the mask of a frame", () => {
  const whole = encode(text("Hello, world"), true);
  const first = encode(text("Hello", { length: 12 }), true);
  const second = encodeRest(rest(", world", 5), true);
  assert.equal(bytes(Buffer.concat([first, second])), bytes(whole));
});

test("split() ends an evenly divided message with an empty frame", () => {
  const sizes = (size: number): number[] =>
    split(text(fill("*", size), { fragment: 4 })).map(({ payload }) => bytesOf(payload!).length);
  assert.deepEqual(sizes(3), [3]);
  assert.deepEqual(sizes(4), [4]);
  assert.deepEqual(sizes(8), [4, 4, 0]);
  assert.deepEqual(sizes(9), [4, 4, 1]);
  const frames = split(text("abcdef", { fragment: 4 }));
  assert.deepEqual(frames.map(({ opcode, fin }) => [opcode, fin]), [[1, false], [0, true]]);
});

test("FrameReader reads the same frames however the stream is cut", () => {
  const frames: Frame[] = [
    ...[0, 1, 125, 126, 127, 128, 65535, 65536].map((size) => binary(fill(hex("00ff7e"), size))),
    text("naïve", { fin: false, rsv: 5 }),
    { opcode: 0x0, payload: "", fin: true },
    text("long", { lengthBytes: 8 }),
  ];
  let cuts = 0;
  for (const masks of [true, false]) {
    const stream = Buffer.concat(frames.map((frame) => encode(frame, masks)));
    const whole = read(stream);
    assert.deepEqual(
      whole.map(({ payload }) => payload.length),
      frames.map(({ payload }) => bytesOf(payload!).length),
    );
    assert.deepEqual(
      whole.map(({ minimal }) => minimal),
      frames.map(({ lengthBytes }) => !lengthBytes),
    );
    assert.ok(whole.every(({ masked }) => masked === masks));
    for (let at = 1; at < 1200; at++, cuts++) {
      assert.deepEqual(read(stream.subarray(0, at), stream.subarray(at)), whole, `cut at ${at}`);
    }
    const next = random(7);
    for (let round = 0; round < 20; round++, cuts++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + next() % 4000;
        chunks.push(stream.subarray(at, at += size));
      }
      assert.deepEqual(read(...chunks), whole, `random cut ${round}`);
    }
  }
  console.log(`${cuts} cuts`);
});

test("FrameReader throws on a frame beyond its limit", () => {
  assert.throws(() => read(hex("827f7fffffffffffffff")), FrameTooLarge);
});
