// The option `compression`, and chooseDeflate(): the first offer that zlib can accept, and its answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCompression, chooseDeflate } from "../../src/handshake/compression.ts";

const FRESH = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** Offers; the answer without context takeover; the sizes of the server's and the client's window. */
const OFFERS: readonly [offers: string, answer: string, server: number, client: number][] = [
  ["permessage-deflate", FRESH, 15, 15],
  ["permessage-deflate; client_max_window_bits", FRESH, 15, 15],
  [
    "permessage-deflate;client_max_window_bits=8;client_no_context_takeover",
    `${FRESH}; client_max_window_bits=8`,
    15,
    8,
  ],
  ["permessage-deflate; server_no_context_takeover", FRESH, 15, 15],
  [
    "permessage-deflate; server_max_window_bits=15",
    `${FRESH}; server_max_window_bits=15`,
    15,
    15,
  ],
  [
    'permessage-deflate ; server_max_window_bits = "9"',
    `${FRESH}; server_max_window_bits=9`,
    9,
    15,
  ],
  ["x, permessage-deflate; server_max_window_bits=8, permessage-deflate", FRESH, 15, 15],
  [
    "permessage-deflate; mode=1,, permessage-deflate; server_max_window_bits=12",
    `${FRESH}; server_max_window_bits=12`,
    12,
    15,
  ],
];

test("chooseDeflate() accepts the first offer that zlib can keep", () => {
  for (const [offer, answer, serverWindowBits, clientWindowBits] of OFFERS) {
    assert.deepEqual(chooseDeflate(offer), {
      answer,
      serverContextTakeover: false,
      clientContextTakeover: false,
      serverWindowBits,
      clientWindowBits,
    }, offer);
  }
});

test("with contextTakeover, an answer refuses it only to whom the offer refuses it", () => {
  const windows = { contextTakeover: true, windowBits: 15 };
  const offers: [offer: string, answer: string, server: boolean, client: boolean][] = [
    ["", "", true, true],
    ["; server_no_context_takeover", "; server_no_context_takeover", false, true],
    ["; client_no_context_takeover", "; client_no_context_takeover", true, false],
    [
      "; client_no_context_takeover; server_no_context_takeover",
      "; server_no_context_takeover; client_no_context_takeover",
      false,
      false,
    ],
  ];
  for (const [offer, answer, serverContextTakeover, clientContextTakeover] of offers) {
    assert.deepEqual(chooseDeflate(`permessage-deflate${offer}`, windows), {
      answer: `permessage-deflate${answer}`,
      serverContextTakeover,
      clientContextTakeover,
      serverWindowBits: 15,
      clientWindowBits: 15,
    }, offer);
  }
});

test("windowBits limits both windows, the client's only if it offers that", () => {
  const windows = { contextTakeover: true, windowBits: 11 };
  const offers: [offer: string, answer: string, client: number][] = [
    ["", "; server_max_window_bits=11", 15],
    ["; client_max_window_bits", "; server_max_window_bits=11; client_max_window_bits=11", 11],
    ["; client_max_window_bits=12", "; server_max_window_bits=11; client_max_window_bits=11", 11],
    ["; client_max_window_bits=10", "; server_max_window_bits=11; client_max_window_bits=10", 10],
    ["; server_max_window_bits=15", "; server_max_window_bits=11", 15],
  ];
  for (const [offer, answer, client] of offers) {
    const chosen = chooseDeflate(`permessage-deflate${offer}`, windows)!;
    assert.equal(chosen.answer, `permessage-deflate${answer}`, offer);
    assert.deepEqual([chosen.serverWindowBits, chosen.clientWindowBits], [11, client], offer);
  }
  const smaller = chooseDeflate("permessage-deflate; server_max_window_bits=10", windows)!;
  assert.equal(smaller.answer, "permessage-deflate; server_max_window_bits=10");
  assert.equal(smaller.serverWindowBits, 10);
});

test("chooseDeflate() declines offers that zlib cannot keep, and malformed ones", () => {
  const offers = [
    undefined,
    null,
    "",
    ",",
    "x-webkit-deflate-frame",
    "Permessage-deflate",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=09",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
    "permessage-deflate; client_no_context_takeover=1",
    "permessage-deflate; server_no_context_takeover=true",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; constructor",
  ];
  for (const offer of offers) assert.equal(chooseDeflate(offer), undefined, String(offer));
});

test("checkCompression() adds the defaults, and refuses what makes no sense", () => {
  const defaults = { threshold: 1024, contextTakeover: false, windowBits: 15 };
  assert.deepEqual(checkCompression(true), defaults);
  assert.deepEqual(checkCompression({}), defaults);
  const all = { threshold: 1, contextTakeover: true, windowBits: 9 };
  assert.deepEqual(checkCompression({ ...all, threshold: 0 }), all);
  assert.equal(checkCompression(false), undefined);
  assert.equal(checkCompression(undefined), undefined);
  for (const contextTakeover of [1, "yes", null]) {
    assert.throws(() => checkCompression({ contextTakeover: contextTakeover as unknown as true }), {
      name: "TypeError",
      message: `Cannot use contextTakeover ${JSON.stringify(contextTakeover)}: ` +
        "it must be true or false",
    });
  }
  for (const windowBits of [8, 16, 9.5, NaN]) {
    assert.throws(() => checkCompression({ windowBits }), {
      name: "RangeError",
      message: `Cannot use windowBits ${windowBits}: it must be an integer from 9 to 15`,
    });
  }
});
