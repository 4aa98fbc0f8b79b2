// How far back deflate data refer, which decides whether a small window would have held it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { random, windowOf } from "../../../src/conformance/wire/corpus.ts";
import { Deflate } from "../../../src/conformance/wire/deflate.ts";
import { longestDistance } from "../../../src/conformance/wire/deflate_distance.ts";

const WITHOUT_TAKEOVER = {
  clientBits: 15,
  serverBits: 15,
  clientNoTakeover: true,
  serverNoTakeover: true,
} as const;

test("longestDistance() returns the longest distance of each kind of block", () => {
  const server = new Deflate(WITHOUT_TAKEOVER, true);
  const distant = new Uint8Array(4000);
  const noise = Uint8Array.from({ length: 4000 }, random(9));
  distant.set(noise.subarray(0, 1000));
  distant.set(noise.subarray(0, 1000), 3000);
  assert.equal(longestDistance(server.compress(distant)), 3000);
  assert.equal(longestDistance(server.compress(noise)), 0);
  const text = longestDistance(server.compress(windowOf("json", 60_000, 0)));
  assert.ok(text > 512 && text <= 32768, `${text}`);
  for (let bits = 8; bits < 15; bits++) {
    const narrow = new Deflate(
      { ...WITHOUT_TAKEOVER, clientBits: bits, clientNoTakeover: false },
      true,
    );
    for (let round = 0; round < 5; round++) {
      assert.ok(longestDistance(narrow.compress(windowOf("html", 30_000, round))) <= 1 << bits);
    }
  }
});
