// Unmasking by octets, words and WebAssembly agrees on every alignment and length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rotateKey, type Unmask, unmaskWords } from "../../src/protocol/unmask.ts";
import { allocateUnmaskMemory, type Wasm } from "../../src/protocol/unmask_wasm.ts";

const KEY = 0x715e3c9a;
const KEY_OCTETS = [0x9a, 0x3c, 0x5e, 0x71];

/** Octets of every value, some stretches ASCII once they are unmasked. */
function masked(length: number, ascii: boolean): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => {
    const plain = (at * 37 + length) & (ascii ? 0x7f : 0xff);
    return plain ^ KEY_OCTETS[at & 3]!;
  });
}

/** Tries an implementation in a memory: each place in a word, lengths of 0 to 200. */
function compare(bytes: Uint8Array, unmask: Unmask): void {
  for (let start = 0; start < 17; start++) {
    for (let length = 0; length <= 200; length++) {
      for (const ascii of [true, false]) {
        const input = masked(length, ascii);
        const expected = input.map((octet, at) => octet ^ KEY_OCTETS[at & 3]!);
        bytes.fill(0xa5, 0, 256);
        bytes.set(input, start);
        const high = unmask(bytes, start, start + length, KEY);
        const where = `${length} octets at ${start}`;
        assert.deepEqual(bytes.slice(start, start + length), expected, where);
        assert.equal(high !== 0, expected.some((octet) => octet >= 0x80), where);
        assert.ok(bytes.subarray(0, start).every((octet) => octet === 0xa5), where);
        assert.ok(bytes.subarray(start + length, 256).every((octet) => octet === 0xa5), where);
      }
    }
  }
}

test("unmaskWords() unmasks at every place and length, and finds what is not ASCII", () => {
  compare(new Uint8Array(256), unmaskWords);
  compare(new Uint8Array(new ArrayBuffer(263), 3), unmaskWords); // views that are not aligned
});

test("WebAssembly unmasks as unmaskWords() does, at every place and length", () => {
  const { bytes, unmask, isWasm } = allocateUnmaskMemory(256);
  assert.equal(bytes.length, 256);
  assert.ok(isWasm, "each runtime that tests run on has SIMD");
  compare(bytes, unmask);
  compare(new Uint8Array(256), unmask); // another memory, by words
});

test("WebAssembly finds the one octet that is not ASCII, wherever it is", () => {
  const { bytes, unmask } = allocateUnmaskMemory(256);
  for (const way of [unmask, unmaskWords]) {
    for (let length = 1; length <= 80; length++) {
      for (let at = 0; at < length; at++) {
        bytes.fill(0, 0, length);
        bytes[at] = 0x80;
        assert.notEqual(way(bytes, 0, length, 0), 0, `octet ${at} of ${length}`);
      }
    }
  }
});

test("with key 0, the octets stay as they are", () => {
  const { bytes, unmask } = allocateUnmaskMemory(70_000);
  assert.equal(bytes.length, 70_000);
  for (const way of [unmask, unmaskWords]) {
    bytes.fill(0x61);
    assert.equal(way(bytes, 0, bytes.length, 0), 0);
    assert.ok(bytes.every((octet) => octet === 0x61));
  }
});

test("where WebAssembly is missing or refused, words unmask", () => {
  const refusing = {
    Memory: class {
      readonly buffer = new ArrayBuffer(0);
    },
    Module: class {
      constructor() {
        throw new Error("No SIMD here");
      }
    },
    Instance: class {
      readonly exports = {};
    },
  } as unknown as Wasm;
  // A default stands in for `undefined`: runtimes without it have no such global.
  const real = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
  Object.defineProperty(globalThis, "WebAssembly", { ...real, value: undefined });
  try {
    assert.equal(allocateUnmaskMemory(64).isWasm, false);
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", real);
  }
  const { bytes, unmask, isWasm } = allocateUnmaskMemory(300, refusing);
  assert.equal(isWasm, false);
  assert.equal(bytes.length, 300);
  compare(bytes, unmask);
});

test("rotateKey() turns the key to the octet that is next", () => {
  for (let offset = 0; offset < 9; offset++) {
    const whole = masked(40, false);
    const parts = whole.slice();
    unmaskWords(whole, 0, 40, KEY);
    unmaskWords(parts, 0, offset, KEY);
    unmaskWords(parts, offset, 40, rotateKey(KEY, offset));
    assert.deepEqual(parts, whole, `cut at ${offset}`);
  }
});
