// Conversions by `Buffer`: the same as those of the platform.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nodeCodec } from "../../../src/adapters/tcp/node_codec.ts";
import { portableCodec } from "../../../src/protocol/text_codec.ts";
import { allocateUnmaskMemory } from "../../../src/protocol/unmask_wasm.ts";

/** Texts with lone surrogates, and none of one kind of character only. */
const texts = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) =>
    String.fromCharCode(...units)
  ),
);

/** Memories in which texts are converted. */
const memories: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["plain memory", new Uint8Array(1024)],
  ["part of a memory", new Uint8Array(new ArrayBuffer(2048), 512, 1024)],
  ["memory of WebAssembly", allocateUnmaskMemory(1024).bytes],
];

for (const [name, bytes] of memories) {
  test(`texts are encoded as elsewhere, lone surrogates as U+FFFD: ${name}`, () => {
    const wanted = new Uint8Array(bytes.length);
    fc.assert(
      fc.property(texts, fc.nat(100), (text, at) => {
        bytes.fill(0xee);
        wanted.fill(0xee);
        const size = portableCodec.encodeInto(text, wanted, at);
        assert.equal(nodeCodec.byteLength(text), size);
        assert.equal(nodeCodec.encodeInto(text, bytes, at), size);
        assert.deepEqual(bytes.subarray(0, at + size), wanted.subarray(0, at + size));
      }),
      { numRuns: 300 },
    );
  });

  test(`texts are decoded as elsewhere: ${name}`, () => {
    fc.assert(
      fc.property(texts, fc.nat(100), (text, at) => {
        const end = at + portableCodec.encodeInto(text, bytes, at);
        assert.ok(nodeCodec.isUtf8(bytes, at, end));
        assert.equal(nodeCodec.decodeUtf8(bytes, at, end), text.toWellFormed());
      }),
      { numRuns: 300 },
    );
  });

  test(`what is UTF-8 is the same as elsewhere: ${name}`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(100), (octets, at) => {
        bytes.set(octets, at);
        const end = at + octets.length;
        assert.equal(nodeCodec.isUtf8(bytes, at, end), portableCodec.isUtf8(bytes, at, end));
      }),
      { numRuns: 500 },
    );
  });

  test(`ASCII of any length is decoded: ${name}`, () => {
    for (let size = 0; size < 200; size++) {
      const text = Array.from({ length: size }, (_, i) => String.fromCharCode(i % 128)).join("");
      const end = 3 + portableCodec.encodeInto(text, bytes, 3);
      assert.equal(nodeCodec.decodeAscii(bytes, 3, end), text);
    }
  });
}

test("texts do not change with the memory that they were decoded from", () => {
  const bytes = new Uint8Array(100).fill(0x61);
  const ascii = nodeCodec.decodeAscii(bytes, 0, 100), text = nodeCodec.decodeUtf8(bytes, 0, 100);
  bytes.fill(0x62);
  assert.equal(ascii, "a".repeat(100));
  assert.equal(text, "a".repeat(100));
});
