// Bytes as the page shows and parses them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hexDump, parseHex, size } from "../../src/cli/shared/bytes.ts";
import { acceptFor } from "../../src/cli/serve/inspector/handshakes.ts";

test("hexDump() shows offset, bytes and text", () => {
  const bytes = new TextEncoder().encode("Hello, WebSocket ✓");
  assert.deepEqual(hexDump(bytes).split("\n"), [
    "0000  48 65 6c 6c 6f 2c 20 57 65 62 53 6f 63 6b 65 74  Hello, WebSocket",
    "0010  20 e2 9c 93                                       ···",
  ]);
  assert.equal(hexDump(bytes.subarray(0, 9), 8).split("\n")[1], "0008  65                       e");
  assert.equal(hexDump(new Uint8Array(0)), "");
});

test("hexDump() counts what it leaves out", () => {
  assert.match(hexDump(new Uint8Array(2000), 16, 32), /^0000 .*\n0010 .*\n… and 1,968 more bytes$/);
});

test("parseHex() takes what people write", () => {
  const bytes = Uint8Array.of(0xde, 0xad, 0, 0xff);
  for (const text of ["dead00ff", "DE AD 00 FF", "de:ad:00:ff", "0xde, 0xad, 0x00, 0xff"]) {
    assert.deepEqual(parseHex(text), bytes, text);
  }
  assert.deepEqual(parseHex(" "), new Uint8Array(0));
});

test("parseHex() says what it cannot read", () => {
  assert.throws(() => parseHex("0g"), new TypeError('Cannot read hex: "g" is no hex digit'));
  assert.throws(() => parseHex("abc"), /one is left over/);
});

test("size() takes the unit that fits", () => {
  const sizes = [0, 1, 1023, 1024, 1536, 10_240, 1_048_576, 67_108_864].map(size);
  assert.deepEqual(sizes, [
    "0 bytes",
    "1 byte",
    "1023 bytes",
    "1 KiB",
    "1.5 KiB",
    "10 KiB",
    "1 MiB",
    "64 MiB",
  ]);
});

test("acceptFor() gives the example of RFC 6455, 1.3", async () => {
  assert.equal(await acceptFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});
