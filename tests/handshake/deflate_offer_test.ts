// offerDeflate() and readDeflateAnswer(): what a client offers, and which answers are legal.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chooseDeflate } from "../../src/handshake/compression.ts";
import { offerDeflate, readDeflateAnswer } from "../../src/handshake/deflate_offer.ts";

const ALONE = { contextTakeover: false, windowBits: 15 };
const CONTEXT = { contextTakeover: true, windowBits: 15 };
const SMALL = { contextTakeover: true, windowBits: 11 };

test("offerDeflate() names what is not the default", () => {
  assert.equal(
    offerDeflate(ALONE),
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
      "client_max_window_bits",
  );
  assert.equal(offerDeflate(CONTEXT), "permessage-deflate; client_max_window_bits");
  assert.equal(
    offerDeflate(SMALL),
    "permessage-deflate; server_max_window_bits=11; client_max_window_bits=11",
  );
});

test("readDeflateAnswer() returns what both ends do", () => {
  const fresh = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const answers: [string, typeof ALONE, boolean, boolean, number, number][] = [
    [fresh, ALONE, false, false, 15, 15],
    ["permessage-deflate", ALONE, true, false, 15, 15], // the server keeps context nevertheless
    ["permessage-deflate;client_max_window_bits=9", ALONE, true, false, 15, 9],
    ["permessage-deflate", CONTEXT, true, true, 15, 15],
    [fresh, CONTEXT, false, false, 15, 15],
    ["permessage-deflate; client_no_context_takeover", CONTEXT, true, false, 15, 15],
    ["permessage-deflate; server_max_window_bits=8", CONTEXT, true, true, 8, 15],
    [', permessage-deflate; server_max_window_bits="10" ,', CONTEXT, true, true, 10, 15],
    ["permessage-deflate", SMALL, true, true, 15, 11], // the server's window is its own choice
    ["permessage-deflate; server_max_window_bits=11", SMALL, true, true, 11, 11],
    ["permessage-deflate; client_max_window_bits=10", SMALL, true, true, 15, 10],
  ];
  for (const [header, offer, ...expected] of answers) {
    const terms = readDeflateAnswer(header, offer);
    assert.ok(typeof terms === "object", `${header}: ${terms}`);
    assert.deepEqual(
      [
        terms.serverContextTakeover,
        terms.clientContextTakeover,
        terms.serverWindowBits,
        terms.clientWindowBits,
      ],
      expected,
      header,
    );
  }
});

test("without an extension in the answer, nothing is compressed", () => {
  for (const header of [undefined, null, "", " , "]) {
    assert.equal(readDeflateAnswer(header, ALONE), undefined);
    assert.equal(readDeflateAnswer(header, undefined), undefined);
  }
});

test("answers that no offer allows are errors", () => {
  const answers: [header: string, offer: typeof ALONE | undefined, what: string][] = [
    ["permessage-deflate", undefined, '"permessage-deflate" was not offered'],
    ["x-webkit-deflate-frame", ALONE, '"x-webkit-deflate-frame" was not offered'],
    ["permessage-deflate, other; a=1", ALONE, '"other" was not offered'],
    ["permessage-deflate, permessage-deflate", ALONE, "permessage-deflate occurs twice"],
    ["permessage-deflate; a=", ALONE, "the header is malformed"],
    ["permessage-deflate; mode=1", ALONE, 'permessage-deflate has no parameter "mode"'],
    ["permessage-deflate; toString", ALONE, 'permessage-deflate has no parameter "toString"'],
    [
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      ALONE,
      "server_no_context_takeover occurs twice",
    ],
    [
      "permessage-deflate; client_no_context_takeover=1",
      ALONE,
      "client_no_context_takeover has a value",
    ],
    ["permessage-deflate; client_max_window_bits", ALONE, "client_max_window_bits must be 8 to 15"],
    ["permessage-deflate; server_max_window_bits", ALONE, "server_max_window_bits must be 8 to 15"],
    [
      "permessage-deflate; server_max_window_bits=16",
      ALONE,
      "server_max_window_bits must be 8 to 15",
    ],
    [
      "permessage-deflate; client_max_window_bits=8",
      ALONE,
      "client_max_window_bits is 8, and zlib needs 9",
    ],
    [
      "permessage-deflate; server_max_window_bits=12",
      SMALL,
      "server_max_window_bits is 12, and 11 was offered",
    ],
    [
      "permessage-deflate; client_max_window_bits=12",
      SMALL,
      "client_max_window_bits is 12, and 11 was offered",
    ],
  ];
  for (const [header, offer, what] of answers) {
    const error = readDeflateAnswer(header, offer);
    assert.equal(error, `Cannot use the server's extensions: ${what}`, header);
  }
});

const windows = fc.record({
  contextTakeover: fc.boolean(),
  windowBits: fc.integer({ min: 9, max: 15 }),
});

test("a client and a server with any options agree on the same", () => {
  fc.assert(
    fc.property(windows, windows, (client, server) => {
      const { answer, ...chosen } = chooseDeflate(offerDeflate(client), server)!;
      const read = readDeflateAnswer(answer, client);
      assert.deepEqual(read, chosen);
      const context = client.contextTakeover && server.contextTakeover;
      assert.deepEqual(
        [chosen.serverContextTakeover, chosen.clientContextTakeover],
        [context, context],
      );
      const bits = Math.min(client.windowBits, server.windowBits);
      assert.deepEqual([chosen.serverWindowBits, chosen.clientWindowBits], [bits, bits]);
    }),
  );
});

const flag = (name: string): fc.Arbitrary<string | undefined> => fc.constantFrom(undefined, name);
const bits = fc.integer({ min: 8, max: 15 });
const offered = fc.tuple(
  flag("server_no_context_takeover"),
  flag("client_no_context_takeover"),
  fc.option(bits.map((bits) => `server_max_window_bits=${bits}`), { nil: undefined }),
  fc.option(
    fc.oneof(
      fc.constant("client_max_window_bits"),
      bits.map((bits) => `client_max_window_bits=${bits}`),
    ),
    { nil: undefined },
  ),
).chain((all) => fc.shuffledSubarray(all.filter((it) => it !== undefined)));

/** Returns the number that a parameter has, 15 without a value, `undefined` without it. */
function numberOf(parameters: string[], name: string): number | undefined {
  const found = parameters.find((it) => it.startsWith(name));
  return found === undefined ? undefined : Number(found.split("=")[1] ?? 15);
}

test("the answer to any legal offer is legal, and says what the server does", () => {
  fc.assert(
    fc.property(offered, windows, (offer, options) => {
      const chosen = chooseDeflate(["permessage-deflate", ...offer].join("; "), options);
      const limit = numberOf(offer, "server_max_window_bits");
      if (chosen === undefined) return assert.equal(limit, 8);
      const [name, ...answer] = chosen.answer.split("; ");
      assert.equal(name, "permessage-deflate");
      assert.equal(new Set(answer).size, answer.length);
      const isFresh = (end: string): boolean => answer.includes(`${end}_no_context_takeover`);
      assert.equal(isFresh("server"), !chosen.serverContextTakeover);
      assert.equal(isFresh("client"), !chosen.clientContextTakeover);
      if (offer.includes("server_no_context_takeover")) assert.ok(isFresh("server")); // 7.1.1.1
      const server = numberOf(answer, "server_max_window_bits");
      assert.equal(server ?? 15, chosen.serverWindowBits);
      if (limit !== undefined) assert.ok(server! <= limit); // 7.1.2.1
      const client = numberOf(answer, "client_max_window_bits");
      assert.equal(client ?? 15, chosen.clientWindowBits);
      const most = numberOf(offer, "client_max_window_bits");
      if (client !== undefined) assert.ok(most !== undefined && client <= most); // 7.1.2.2
    }),
  );
});
