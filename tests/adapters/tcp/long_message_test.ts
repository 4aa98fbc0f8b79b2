// Long messages of servers, which are written in parts.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { isLong, writeLong } from "../../../src/adapters/tcp/long_message.ts";
import { FrameBuffer } from "../../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../../src/protocol/frame_writer.ts";

const LONG = 64 * 1024;

/** Returns the frame of a message in one piece, or in parts, and the number of parts. */
function framed(data: string | Uint8Array<ArrayBuffer>, inParts: boolean): [Uint8Array, number] {
  const target = new FrameBuffer();
  const writer = new FrameWriter({ role: "server" }, target);
  let parts = 0;
  if (inParts) writeLong(data, writer, () => parts++);
  else if (typeof data === "string") writer.text(data);
  else writer.binary(data);
  return [target.take(), parts];
}

test("a message is long from 64 KiB on, and a text from as many UTF-16 units on", () => {
  assert.deepEqual([LONG - 1, LONG].map((size) => isLong("x".repeat(size))), [false, true]);
  assert.deepEqual([LONG - 1, LONG].map((size) => isLong(new Uint8Array(size))), [false, true]);
  assert.ok(isLong(new ArrayBuffer(LONG)));
});

test("a message in parts is the same frame as in one piece", () => {
  const bytes = Uint8Array.from({ length: 5 * LONG + 7 }, (_, i) => i % 251);
  const texts = ["a", "é", "€", "😀"].flatMap((it) => [it.repeat(LONG), `x${it.repeat(LONG)}`]);
  // Lone surrogates around the end of a part, and pairs across it.
  const lone = ["\ud83d", "\ude00", "\ude00\ud83d"].map((it) =>
    "a".repeat(32_767) + it + "b".repeat(LONG)
  );
  for (const data of [bytes, ...texts, ...lone]) {
    const [whole] = framed(data, false);
    const [joined, parts] = framed(data, true);
    assert.equal(Buffer.compare(joined, whole), 0);
    assert.ok(parts >= 3, `${parts}`); // the head, and at least two parts
  }
});
