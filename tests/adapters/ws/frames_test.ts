// encode(): frames of every length; encodeDeflated(): what gets shorter, and what does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, inflateRawSync } from "node:zlib";
import { encode, encodeDeflated } from "../../../src/adapters/ws/frames.ts";
import { decode, utf8 } from "../../../src/testing/contract/frame.ts";
import { noise, prose } from "../../server/deflating_peer.ts";

test("encode() writes text and binary of every length", () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
    for (const data of ["é".repeat(length / 2), noise(length, 1), noise(length, 1).buffer]) {
      const isText = typeof data === "string";
      const { frame, length: size } = decode(encode(data))!;
      assert.deepEqual([frame.opcode, frame.fin], [isText ? 1 : 2, true]);
      assert.equal(size, encode(data).length);
      assert.deepEqual(new Uint8Array(frame.payload), isText ? utf8(data) : new Uint8Array(data));
    }
  }
});

test("encodeDeflated() writes what inflates to the message, within the window", () => {
  for (const windowBits of [9, 12, 15]) {
    for (const data of [prose(100), prose(100_000), "é".repeat(5000), utf8(prose(3000))]) {
      const bytes = encodeDeflated(data, windowBits);
      assert.equal(bytes[0], typeof data === "string" ? 0xc1 : 0xc2);
      const { payload } = decode(bytes)!.frame;
      const inflated = inflateRawSync(new Uint8Array([...payload, 0, 0, 0xff, 0xff]), {
        windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
      });
      assert.deepEqual(new Uint8Array(inflated), typeof data === "string" ? utf8(data) : data);
    }
  }
});

test("encodeDeflated() leaves alone what would not get shorter", () => {
  for (const data of ["", "short", noise(5000, 2)]) {
    assert.deepEqual(encodeDeflated(data, 15), encode(data));
  }
});
