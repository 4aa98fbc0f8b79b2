// The portable inflater agrees with zlib on valid and on broken streams.

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { type CorpusName, windowOf } from "../../src/conformance/wire/corpus.ts";
import { hex } from "../../src/conformance/wire/frame.ts";
import { HuffmanCode } from "../../src/protocol/huffman_code.ts";
import { portableInflater } from "../../src/protocol/inflate.ts";
import { join } from "./recording_sink.ts";
import { zlibInflater } from "./zlib_deflate.ts";

const TAIL = hex("0000ffff");

function inflate(deflated: Uint8Array, maxLength = Infinity): unknown {
  return portableInflater.inflate(deflated as Uint8Array<ArrayBuffer>, maxLength);
}

const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_DEFAULT_STRATEGY, Z_SYNC_FLUSH, Z_FULL_FLUSH } =
  constants;

const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_DEFAULT_STRATEGY),
  windowBits: fc.integer({ min: 9, max: 15 }),
  finishFlush: fc.constantFrom(Z_SYNC_FLUSH, Z_FULL_FLUSH),
});

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(..."abc \n"), { maxLength: 2000 }).map((list) =>
    new TextEncoder().encode(list.join(""))
  ),
);

test("streams of zlib are inflated, with all of its settings", () => {
  fc.assert(
    fc.property(octets, settings, (plain, options) => {
      assert.deepEqual(inflate(deflateRawSync(plain, options)), plain);
    }),
    { numRuns: 500 },
  );
});

test("corpora come through at every level", () => {
  for (const name of ["json", "html", "prose", "bitmap", "packed"] satisfies CorpusName[]) {
    for (const level of [0, 1, 6, 9]) {
      const plain = windowOf(name, 100_000, 0).slice();
      const deflated = deflateRawSync(plain, { level, finishFlush: Z_SYNC_FLUSH });
      assert.deepEqual(inflate(deflated), plain);
      assert.equal(inflate(deflated, 99_999), "too-long");
    }
  }
});

test("a block that is marked as the last ends on an octet, and the message goes on", () => {
  const last = deflateRawSync("Hello");
  const world = deflateRawSync(", world", { finishFlush: Z_SYNC_FLUSH });
  const text = (deflated: Uint8Array): string =>
    new TextDecoder().decode(inflate(deflated) as Uint8Array);
  assert.equal(text(join(last, hex("00"), TAIL)), "Hello");
  assert.equal(text(join(last, last, hex("00"), TAIL)), "HelloHello");
  assert.equal(text(join(last, world)), "Hello, world");
  assert.equal(text(last), "Hello");
});

test("broken streams are malformed", () => {
  for (
    const [name, digits] of [
      ["a block of the reserved type", "07"],
      ["a distance before the beginning", "02020000"],
      ["a stored block whose lengths disagree", "000500ffff48656c6c6f"],
      ["a stored block that is cut", "000500faff48656c"],
      ["a stored block without a length", "00"],
      ["a length symbol that is never used", "1b03"],
      ["random octets", "ffd3a1577e09c2b4"],
    ] as const
  ) {
    assert.equal(inflate(hex(digits)), "malformed", name);
  }
});

/** Writes bits, the lowest first, as fields of a value and its number of bits. */
function bits(...fields: readonly (readonly [value: number, count: number])[]): Uint8Array {
  const list = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, at) => (value >> at) & 1)
  );
  const bytes = new Uint8Array(Math.ceil(list.length / 8) + 8);
  list.forEach((bit, at) => bytes[at >> 3]! |= bit << (at & 7));
  return bytes;
}

/** The codes for code lengths in their order: symbol and number of bits. */
function dynamic(
  lengths: Readonly<Record<number, number>>,
  ...more: readonly (readonly [number, number])[]
): Uint8Array {
  const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const codes = order.map((symbol) => [lengths[symbol] ?? 0, 3] as const);
  return bits([4, 3], [0, 5], [0, 5], [15, 4], ...codes, ...more);
}

test("blocks with broken codes are malformed", () => {
  const rows: readonly [string, Uint8Array][] = [
    ["three codes of one bit", dynamic({ 0: 1, 1: 1, 2: 1 })],
    ["a code of two bits alone", dynamic({ 0: 2 })],
    ["a repetition of nothing", dynamic({ 16: 1, 0: 1 }, [1, 1])],
    ["a repetition beyond the end", dynamic({ 18: 1, 0: 1 }, [1, 1], [127, 7], [1, 1], [127, 7])],
    // 258 zeros: nothing ends the block.
    ["no end of block", dynamic({ 18: 1, 0: 1 }, [1, 1], [127, 7], [1, 1], [109, 7])],
    // All 258 lengths are 1.
    ["lengths that are too short", dynamic({ 1: 1, 2: 1 })],
    ["a code for code lengths that is not complete", dynamic({ 1: 1 })],
    // Symbol 256 has the one code, 0.
    [
      "a bit that has no meaning",
      dynamic({ 18: 2, 1: 2, 0: 1 }, [3, 2], [127, 7], [3, 2], [107, 7], [1, 2], [0, 1], [1, 1]),
    ],
    ["287 literals", bits([4, 3], [30, 5], [0, 5], [15, 4])],
    ["31 distances", bits([4, 3], [0, 5], [30, 5], [15, 4])],
    // "A", then a length of 3 and distance symbol 30.
    ["a distance symbol that is never used", bits([2, 3], [0x8e, 8], [64, 7], [15, 5])],
    // Symbol 256 with one bit, distance 0 with two.
    [
      "a distance code that lacks codes",
      dynamic({ 18: 2, 1: 2, 2: 1 }, [3, 2], [127, 7], [3, 2], [107, 7], [1, 2], [0, 1]),
    ],
  ];
  for (const [name, bytes] of rows) assert.equal(inflate(bytes), "malformed", name);
});

test("HuffmanCode takes complete codes, a single symbol of one bit, and none", () => {
  const isValid = (...lengths: number[]): boolean =>
    new HuffmanCode(Uint8Array.from(lengths)).isValid;
  assert.deepEqual([isValid(1, 1), isValid(2, 1, 2), isValid(2, 2, 2, 2)], [true, true, true]);
  assert.deepEqual([isValid(0, 1), isValid(0, 0)], [true, true]);
  assert.deepEqual([isValid(2), isValid(2, 2), isValid(1, 2)], [false, false, false]);
  assert.deepEqual([isValid(1, 1, 1), isValid(1, 1, 15)], [false, false]);
});

test("random octets never throw or exceed the limit, and zlib accepts what is accepted", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.tuple(octets, settings, fc.nat(400), fc.nat(255)).map(([plain, options, at, mask]) => {
          const deflated = new Uint8Array(deflateRawSync(plain, options));
          if (at < deflated.length) deflated[at]! ^= mask;
          return deflated;
        }),
      ),
      fc.constantFrom(100, 100_000),
      (deflated, maxLength) => {
        const ours = inflate(deflated, maxLength);
        const theirs = zlibInflater.inflate(deflated, maxLength);
        if (typeof ours === "string") return;
        assert.ok((ours as Uint8Array).length <= maxLength);
        if (typeof theirs === "string") assert.fail(`zlib says ${theirs}`);
        // zlib ends at a block that is marked as the last.
        assert.deepEqual(
          (ours as Uint8Array).slice(0, (theirs as Uint8Array).length),
          new Uint8Array(theirs as Uint8Array),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("an error of the runtime is rethrown", () => {
  assert.throws(() => inflate(null as unknown as Uint8Array), TypeError);
});
