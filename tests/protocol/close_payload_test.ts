// Close frames: codes that are valid on the wire, and reasons.

import assert from "node:assert/strict";
import { test } from "node:test";
import { close, hex } from "../../src/conformance/wire/frame.ts";
import {
  encodeClosePayload,
  isWireCode,
  MAX_REASON,
  readClosePayload,
} from "../../src/protocol/close_payload.ts";
import { ProtocolError } from "../../src/protocol/protocol_error.ts";
import { portableCodec } from "../../src/protocol/text_codec.ts";

function payloadOf(code: number, reason: string | Uint8Array = ""): Uint8Array {
  return close(code, reason).payload as Uint8Array;
}

test("of all codes, 1000 to 1003, 1007 to 1014 and 3000 to 4999 are on the wire", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const right = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
      (code >= 3000 && code <= 4999);
    assert.equal(isWireCode(code), right, `${code}`);
    if (right) {
      const read = readClosePayload(payloadOf(code, "why"), portableCodec);
      assert.deepEqual(read, { code, reason: "why" });
      assert.deepEqual(encodeClosePayload(code, "why", portableCodec), payloadOf(code, "why"));
    } else {
      assert.throws(() => encodeClosePayload(code, "", portableCodec), RangeError);
    }
  }
});

test("a code that is not for the wire, one octet, and a reason that is no UTF-8 are refused", () => {
  const rows: readonly [Uint8Array, number][] = [
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
      .map((code): [Uint8Array, number] => [payloadOf(code), 1002]),
    [hex("03"), 1002],
    [payloadOf(1000, hex("ff")), 1007],
    [payloadOf(1000, hex("e282")), 1007],
    [payloadOf(1005, hex("ff")), 1002], // the code is first
  ];
  for (const [payload, code] of rows) {
    assert.throws(
      () => readClosePayload(payload, portableCodec),
      (error) => error instanceof ProtocolError && error.code === code,
    );
  }
});

test("an empty Close says 1005", () => {
  assert.deepEqual(readClosePayload(new Uint8Array(0), portableCodec), { code: 1005, reason: "" });
  assert.equal(encodeClosePayload(undefined, "", portableCodec).length, 0);
});

test("a reason has at most 123 octets, and a code before it", () => {
  assert.equal(MAX_REASON, 123);
  assert.equal(encodeClosePayload(1000, "é".repeat(61) + "x", portableCodec).length, 125);
  assert.throws(() => encodeClosePayload(1000, "é".repeat(62), portableCodec), RangeError);
  assert.throws(() => encodeClosePayload(undefined, "why", portableCodec), RangeError);
});

test("a reason keeps a leading U+FEFF, and half a surrogate pair is sent as U+FFFD", () => {
  for (const [sent, received] of [["\ufeffwhy", "\ufeffwhy"], ["\ud800", "\ufffd"]] as const) {
    const payload = encodeClosePayload(1000, sent, portableCodec);
    assert.equal(readClosePayload(payload, portableCodec).reason, received);
  }
});
