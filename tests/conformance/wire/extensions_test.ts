// The negotiation of extensions: only what is well-formed, and what was offered, is agreed on.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseAnswer,
  parseExtensions,
  readAnswer,
} from "../../../src/conformance/wire/extensions.ts";

test("parseExtensions() reads lists, parameters and quotes, and rejects anything else", () => {
  const read = (header: string): unknown =>
    parseExtensions(header)?.map(({ name, params }) => [name, Object.fromEntries(params)]);
  assert.deepEqual(read('a; x=1; y, b;z = "2"'), [["a", { x: "1", y: true }], ["b", { z: "2" }]]);
  for (const bad of ["", ",", "a;", "a b", "a; x=", "a; x=1; x=2", 'a; x="', "a,,b"]) {
    assert.equal(read(bad), undefined, bad);
  }
});

test("readAnswer() rejects extensions and parameters that were not offered", () => {
  const offers = ["permessage-deflate; client_max_window_bits"];
  assert.equal(readAnswer("", offers), undefined);
  assert.deepEqual(readAnswer("permessage-deflate; client_max_window_bits=9", offers), {
    clientBits: 9,
    serverBits: 15,
    clientNoTakeover: false,
    serverNoTakeover: false,
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

test("chooseAnswer() chooses the first answer that the offer allows", () => {
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
