// permessage-deflate: a message comes back unchanged, in every window, with and without takeover.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { type CorpusName, windowOf } from "../../../src/conformance/wire/corpus.ts";
import { Deflate } from "../../../src/conformance/wire/deflate.ts";
import type { Agreement } from "../../../src/conformance/wire/extensions.ts";

const CORPORA: readonly CorpusName[] = ["json", "bitmap", "prose", "html", "packed"];

function agreement(bits: number, noTakeover: boolean): Agreement {
  return {
    clientBits: bits,
    serverBits: bits,
    clientNoTakeover: noTakeover,
    serverNoTakeover: noTakeover,
  };
}

test("Deflate inflates what it compressed, in every window, with and without takeover", () => {
  let messages = 0;
  for (let bits = 8; bits <= 15; bits++) {
    for (const noTakeover of [true, false]) {
      const client = new Deflate(agreement(bits, noTakeover), true);
      const server = new Deflate(agreement(bits, noTakeover), false);
      for (const corpus of CORPORA) {
        for (const size of [0, 1, 16, 300, 4096, 70_000]) {
          for (let round = 0; round < 4; round++, messages++) {
            const message = windowOf(corpus, size, round);
            const there = server.inflate(client.compress(message));
            assert.deepEqual(Buffer.from(there), Buffer.from(message));
            const back = client.inflate(server.compress(there));
            assert.deepEqual(Buffer.from(back), Buffer.from(message));
          }
        }
      }
    }
  }
  console.log(`${messages} messages`);
});

test("Deflate writes the examples of section 7.2.3", () => {
  const client = new Deflate(agreement(15, false), true);
  const hello = new TextEncoder().encode("Hello");
  assert.equal(Buffer.from(client.compress(hello)).toString("hex"), "f248cdc9c90700");
  assert.equal(Buffer.from(client.compress(hello)).toString("hex"), "f200110000");
});

test("Deflate throws on invalid data, on a bomb, and on a distance beyond the window", () => {
  const server = new Deflate(agreement(15, true), false);
  assert.throws(() => server.inflate(Uint8Array.of(0xff, 0xff)));
  const wide = new Deflate(agreement(15, true), true);
  const bomb = wide.compress(new Uint8Array(65 * 1024 * 1024));
  assert.throws(() => server.inflate(bomb));
  const distant = new Uint8Array(4000);
  distant.set(windowOf("packed", 1000, 0));
  distant.set(windowOf("packed", 1000, 0), 3000);
  assert.throws(() => new Deflate(agreement(9, true), false).inflate(wide.compress(distant)));
});
