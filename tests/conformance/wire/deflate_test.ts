// permessage-deflate: what is compressed comes back, in every mode; negotiation takes no nonsense.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { type CorpusName, random, windowOf } from "../../../src/conformance/wire/corpus.ts";
import {
  type Agreement,
  chooseAnswer,
  Deflate,
  parseExtensions,
  readAnswer,
} from "../../../src/conformance/wire/deflate.ts";
import { longestDistance } from "../../../src/conformance/wire/deflate_distance.ts";

const CORPORA: readonly CorpusName[] = ["json", "bitmap", "prose", "html", "packed"];

function agreement(bits: number, noTakeover: boolean): Agreement {
  return {
    clientBits: bits,
    serverBits: bits,
    clientNoTakeover: noTakeover,
    serverNoTakeover: noTakeover,
  };
}

test("Deflate gives back what it was given, in every window, with and without takeover", () => {
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

test("Deflate throws at what is no deflate, at a bomb, and at a reach beyond the window", () => {
  const server = new Deflate(agreement(15, true), false);
  assert.throws(() => server.inflate(Uint8Array.of(0xff, 0xff)));
  const wide = new Deflate(agreement(15, true), true);
  const bomb = wide.compress(new Uint8Array(65 * 1024 * 1024));
  assert.throws(() => server.inflate(bomb));
  const far = new Uint8Array(4000);
  far.set(windowOf("packed", 1000, 0));
  far.set(windowOf("packed", 1000, 0), 3000);
  assert.throws(() => new Deflate(agreement(9, true), false).inflate(wide.compress(far)));
});

test("parseExtensions() reads lists, parameters and quotes, and refuses the rest", () => {
  const read = (header: string): unknown =>
    parseExtensions(header)?.map(({ name, params }) => [name, Object.fromEntries(params)]);
  assert.deepEqual(read('a; x=1; y, b;z = "2"'), [["a", { x: "1", y: true }], ["b", { z: "2" }]]);
  for (const bad of ["", ",", "a;", "a b", "a; x=", "a; x=1; x=2", 'a; x="', "a,,b"]) {
    assert.equal(read(bad), undefined, bad);
  }
});

test("readAnswer() complains of what was not offered", () => {
  const offers = ["permessage-deflate; client_max_window_bits"];
  assert.equal(readAnswer("", offers), undefined);
  assert.deepEqual(readAnswer("permessage-deflate; client_max_window_bits=9", offers), {
    ...agreement(15, false),
    clientBits: 9,
  });
  const bad = [
    "x-webkit-deflate-frame",
    "permessage-deflate, permessage-deflate",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=09",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; mode=7",
    "permessage-deflate;",
  ];
  for (const answer of bad) assert.ok("note" in (readAnswer(answer, offers) ?? {}), answer);
  assert.ok(
    "note" in readAnswer("permessage-deflate; client_max_window_bits=9", ["permessage-deflate"])!,
  );
});

test("chooseAnswer() takes the first answer that the offer allows", () => {
  const answers = ["permessage-deflate; client_max_window_bits=9", "permessage-deflate"];
  const choose = (offer: string): string | undefined =>
    chooseAnswer(offer, { offers: [], answers })?.header;
  assert.equal(choose("permessage-deflate; client_max_window_bits"), answers[0]);
  assert.equal(choose("permessage-deflate"), answers[1]);
  assert.equal(choose("other"), undefined);
  assert.equal(
    choose("permessage-deflate; server_no_context_takeover"),
    "permessage-deflate; server_no_context_takeover",
  );
});

test("farthestReach() finds how far back each kind of block reaches", () => {
  const server = new Deflate(agreement(15, true), true);
  const far = new Uint8Array(4000);
  const noise = Uint8Array.from({ length: 4000 }, random(9));
  far.set(noise.subarray(0, 1000));
  far.set(noise.subarray(0, 1000), 3000);
  assert.equal(longestDistance(server.compress(far)), 3000);
  assert.equal(longestDistance(server.compress(noise)), 0);
  const text = longestDistance(server.compress(windowOf("json", 60_000, 0)));
  assert.ok(text > 512 && text <= 32768, `${text}`);
  for (let bits = 8; bits < 15; bits++) {
    const narrow = new Deflate(agreement(bits, false), true);
    for (let round = 0; round < 5; round++) {
      assert.ok(longestDistance(narrow.compress(windowOf("html", 30_000, round))) <= 1 << bits);
    }
  }
});
