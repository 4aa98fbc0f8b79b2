// Header fields of HTTP/2: the examples of RFC 7541, what the judge writes, and blocks that are broken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/conformance/wire/frame.ts";
import {
  BadFields,
  encodeFields,
  type Field,
  FieldsReader,
} from "../../../src/conformance/wire/http2/hpack.ts";

test("the requests of RFC 7541, C.4 are read, with Huffman code and the table", () => {
  const reader = new FieldsReader();
  const start: Field[] = [[":method", "GET"], [":scheme", "http"], [":path", "/"]];
  const authority: Field = [":authority", "www.example.com"];
  assert.deepEqual(reader.read(hex("828684418cf1e3c2e5f23a6ba0ab90f4ff")), [...start, authority]);
  assert.deepEqual(reader.read(hex("828684be5886a8eb10649cbf")), [
    ...start,
    authority,
    ["cache-control", "no-cache"],
  ]);
  assert.deepEqual(reader.read(hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")), [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    authority,
    ["custom-key", "custom-value"],
  ]);
});

test("what the judge writes can be read, whatever its size", () => {
  const fields: Field[] = [[":protocol", "websocket"], ["empty", ""], ["long", "x".repeat(60_000)]];
  assert.deepEqual(new FieldsReader().read(encodeFields(fields)), fields);
});

for (
  const [what, digits] of [
    ["an index of nothing", "ff00"],
    ["an index of an empty table", "be"],
    ["a cut string", "400361"],
    ["a cut integer", "ff"],
    ["an integer without end", "ffffffffffffffffffff"],
    ["padding of Huffman code that is no end", "408100"],
  ] as const
) {
  test(`${what} cannot be read`, () => {
    assert.throws(() => new FieldsReader().read(hex(digits)), BadFields);
  });
}
