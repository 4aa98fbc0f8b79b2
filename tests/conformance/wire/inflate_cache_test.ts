// Inflated messages are found again, for the same octets and the same window only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memorize, recall } from "../../../src/conformance/wire/inflate_cache.ts";

const bytes = (size: number, octet: number): Uint8Array => new Uint8Array(size).fill(octet);

test("recall() finds a memorized message by content", () => {
  const window = {};
  const kept = memorize(window, bytes(50, 1), bytes(8192, 2));
  assert.equal(recall(window, bytes(50, 1)), kept);
  assert.deepEqual(kept, bytes(8192, 2));
});

test("recall() finds nothing for other octets or another window", () => {
  const window = {};
  memorize(window, bytes(60, 1), bytes(8192, 3));
  assert.equal(recall(window, bytes(60, 2)), undefined);
  assert.equal(recall(window, bytes(61, 1)), undefined);
  assert.equal(recall({}, bytes(60, 1)), undefined);
  // The same number of octets, and equal where the hash reads.
  const almost = bytes(60, 1);
  almost[1] = 9;
  assert.equal(recall(window, almost), undefined);
});

test("memorize() returns one object for equal messages, and keeps a copy", () => {
  const first = bytes(8192, 4);
  const kept = memorize({}, bytes(70, 1), first);
  assert.equal(memorize({}, bytes(71, 1), bytes(8192, 4)), kept);
  first.fill(5);
  assert.deepEqual(kept, bytes(8192, 4));
});

test("memorize() ignores small and huge messages", () => {
  const window = {};
  for (const size of [10, 16 * 1024 * 1024]) {
    const message = bytes(size, 6);
    assert.equal(memorize(window, bytes(80, 1), message), message);
    assert.equal(recall(window, bytes(80, 1)), undefined);
  }
});

test("memorize() empties the cache when it is full", () => {
  const window = {};
  memorize(window, bytes(90, 1), bytes(8192, 7));
  for (let octet = 0; octet < 60; octet++) {
    memorize({}, bytes(91, octet), bytes(1024 * 1024, octet));
  }
  assert.equal(recall(window, bytes(90, 1)), undefined);
});
