// UTF-8 validation: the runtime's decoder agrees, however it is cut, and faults are found at their octet.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INVALID, VALID } from "../../src/conformance/cases/utf8_strings.ts";
import { hex } from "../../src/conformance/wire/frame.ts";
import { portableCodec } from "../../src/protocol/text_codec.ts";
import { isUtf8, Utf8Validator } from "../../src/protocol/utf8.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isDecoded(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Offset of the octet after which nothing could make it right; -1 if there is none. */
function wrongAt(bytes: Uint8Array): number {
  return new Utf8Validator().push(bytes, 0, bytes.length);
}

/** Octets that are often at the edge of what is right. */
const octet = fc.oneof(
  fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0),
  fc.constantFrom(0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff),
);
const octets = fc.array(octet, { maxLength: 12 }).map((list) => Uint8Array.from(list));
const unicode = fc.string({ unit: "binary", maxLength: 12 }).map((text) =>
  new TextEncoder().encode(text)
);

test("the judge's strings are valid and invalid as listed", () => {
  for (const { name, hex: digits } of VALID) {
    assert.ok(isUtf8(hex(digits), 0, digits.length / 2), name);
  }
  for (const { name, hex: digits } of INVALID) {
    assert.ok(!isUtf8(hex(digits), 0, digits.length / 2), name);
  }
});

test("isUtf8() agrees with the decoder on all second octets, and on what follows them", () => {
  const firsts = [
    0x41,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xec,
    0xed,
    0xee,
    0xef,
  ];
  for (const first of [...firsts, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff]) {
    for (let second = 0; second < 256; second++) {
      for (const bytes of [[first, second], [first, second, 0x80], [first, second, 0x80, 0xbf]]) {
        const input = Uint8Array.from(bytes);
        assert.equal(isUtf8(input, 0, input.length), isDecoded(input), `${bytes}`);
      }
    }
  }
});

test("isUtf8() agrees with the decoder on any octets, and on all text", () => {
  fc.assert(
    fc.property(fc.oneof(octets, unicode, fc.uint8Array({ maxLength: 8 })), (bytes) => {
      assert.equal(isUtf8(bytes, 0, bytes.length), isDecoded(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("push() and pushMany() find the same, however the octets are cut", () => {
  fc.assert(
    fc.property(
      fc.oneof(octets, unicode),
      fc.array(fc.nat(12), { maxLength: 4 }),
      (bytes, cuts) => {
        const wrong = wrongAt(bytes);
        const [one, many] = [new Utf8Validator(), new Utf8Validator()];
        let from = 0;
        for (
          const to of [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) =>
            a - b
          )
        ) {
          const found = one.push(bytes, from, to);
          assert.equal(found, wrong >= from && wrong < to ? wrong : -1);
          assert.equal(many.pushMany(bytes, from, to, portableCodec), found < 0);
          if (found >= 0) return;
          assert.equal(many.complete, one.complete);
          from = to;
        }
        assert.equal(one.complete, isDecoded(bytes));
      },
    ),
    { numRuns: 3000 },
  );
});

test("a fault is found at its octet, and not before", () => {
  const rows: readonly [string, number][] = [
    ["80", 0], // nothing is open
    ["c1", 0], // fits in one
    ["c280 bf", 2],
    ["e09f", 1], // fits in two
    ["eda0", 1], // a surrogate
    ["f08f", 1], // fits in three
    ["f490", 1], // beyond U+10FFFF
    ["f5", 0],
    ["f0908041", 3], // one too few
    ["e2 28", 1],
    ["cebae1bdb9cf83cebcceb5 f4 9080 80", 12],
  ];
  for (const [digits, at] of rows) assert.equal(wrongAt(hex(digits)), at, digits);
});
