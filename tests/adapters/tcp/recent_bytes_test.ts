// The window: the last bytes of all that was added.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecentBytes } from "../../../src/adapters/tcp/recent_bytes.ts";

test("the window has the last bytes of whatever was added", () => {
  const part = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 3000 }));
  fc.assert(
    fc.property(fc.array(part), fc.constantFrom(1, 16, 512, 2048), (parts, size) => {
      const recent = new RecentBytes(size);
      let all: number[] = [];
      for (const part of parts) {
        const copy = part.slice();
        recent.add(copy);
        copy.fill(0xee); // it was copied
        all = [...all, ...part].slice(-size);
        assert.deepEqual([...recent.bytes], all);
        assert.ok(recent.bytes.buffer.byteLength <= size);
      }
    }),
  );
});

test("a window takes no memory before it is used", () => {
  const recent = new RecentBytes(32_768);
  assert.equal(recent.bytes.buffer.byteLength, 0);
  recent.add(new Uint8Array(10));
  assert.equal(recent.bytes.buffer.byteLength, 1024);
});
