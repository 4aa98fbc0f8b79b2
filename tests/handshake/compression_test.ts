// chooseDeflate(): the first offer that zlib can accept, and the answer to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDeflate } from "../../src/handshake/compression.ts";

const FRESH = "permessage-deflate; server_no_context_takeover";

test("chooseDeflate() accepts the first offer that zlib can keep", () => {
  const offers: readonly [offers: string, answer: string, windowBits: number][] = [
    ["permessage-deflate", FRESH, 15],
    ["permessage-deflate; client_max_window_bits", FRESH, 15],
    ["permessage-deflate;client_max_window_bits=9;client_no_context_takeover", FRESH, 15],
    ["permessage-deflate; server_no_context_takeover", FRESH, 15],
    ["permessage-deflate; server_max_window_bits=15", FRESH, 15],
    ['permessage-deflate ; server_max_window_bits = "9"', `${FRESH}; server_max_window_bits=9`, 9],
    ["x, permessage-deflate; server_max_window_bits=8, permessage-deflate", FRESH, 15],
    [
      "permessage-deflate; mode=1,, permessage-deflate; server_max_window_bits=12",
      `${FRESH}; server_max_window_bits=12`,
      12,
    ],
  ];
  for (const [offer, answer, windowBits] of offers) {
    assert.deepEqual(chooseDeflate(offer), { answer, windowBits }, offer);
  }
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
  ];
  for (const offer of offers) assert.equal(chooseDeflate(offer), undefined, String(offer));
});
