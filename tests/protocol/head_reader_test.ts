// Frame heads: every valid form, and every violation at its octet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, type Frame, hex } from "../../src/conformance/wire/frame.ts";
import { headLength, type Role, writeHead } from "../../src/protocol/frame_head.ts";
import { HeadReader } from "../../src/protocol/head_reader.ts";
import { ProtocolError } from "../../src/protocol/protocol_error.ts";

const ROLES: readonly Role[] = ["server", "client"];

/** Lengths around each change of form, and what is beyond memory. */
const LENGTHS = [
  0,
  1,
  124,
  125,
  126,
  127,
  65_534,
  65_535,
  65_536,
  65_537,
  2 ** 31,
  2 ** 32 + 5,
  2 ** 53 - 1,
];

test("writeHead() writes what another encoder does, for all lengths and with and without a mask", () => {
  for (const length of LENGTHS) {
    for (const masked of [true, false]) {
      const key = masked ? [0x9a, 0x3c, 0x5e, 0x71] : undefined;
      const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
      const theirs = encode({ opcode: 2, length, lengthBytes, ...(key && { key }) }, masked);
      const ours = new Uint8Array(20);
      const end = writeHead(ours, 3, 0x82, length, masked ? 0x715e3c9a : undefined);
      assert.equal(end - 3, headLength(length, masked), `length ${length}`);
      assert.deepEqual(ours.subarray(3, end), theirs, `length ${length}`);
    }
  }
});

test("HeadReader reads what writeHead() writes, octet by octet, and begins anew", () => {
  for (const role of ROLES) {
    const reader = new HeadReader(role, true);
    for (const length of LENGTHS) {
      for (const first of [0x81, 0x82, 0x01, 0x02, 0xc1, 0x42]) {
        const bytes = new Uint8Array(14);
        const key = role === "server" ? -0x12345678 : undefined;
        const end = writeHead(bytes, 0, first, length, key);
        for (let at = 0; at < end; at++) {
          assert.equal(reader.read(bytes, at, at + 1, false), at + 1);
          assert.equal(reader.complete, at === end - 1);
        }
        const { opcode, fin, compressed } = reader;
        assert.deepEqual([opcode, fin, compressed], [first & 15, first > 127, (first & 64) > 0]);
        assert.deepEqual([reader.length, reader.key], [length, key ?? 0]);
      }
    }
  }
});

test("HeadReader leaves what is behind the head", () => {
  const reader = new HeadReader("client", false);
  assert.equal(reader.read(hex("00 8203 ffffff"), 1, 6, false), 3);
  assert.deepEqual([reader.complete, reader.length], [true, 3]);
});

interface Fault {
  readonly name: string;
  readonly head: string;
  /** Offset of the octet that is wrong. */
  readonly at: number;
  readonly message: RegExp;
  readonly role?: Role;
  readonly compression?: boolean;
  readonly underWay?: boolean;
}

const RESERVED = /reserved bit/, LONGER = /longer form/;

const FAULTS: readonly Fault[] = [
  ...[0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0].flatMap((bits): Fault[] =>
    [1, 2, 8, 9, 10].map((opcode) => ({
      name: `reserved bits ${bits.toString(16)} on opcode ${opcode}`,
      head: (bits | opcode).toString(16),
      at: 0,
      message: RESERVED,
    }))
  ),
  ...["91", "a2", "d1", "e2", "f1"].map((head): Fault => ({
    name: `reserved bits with compression: ${head}`,
    head,
    at: 0,
    message: RESERVED,
    compression: true,
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode): Fault[] =>
    [0, 0x80].map((fin) => ({
      name: `opcode ${opcode} ${fin ? "with" : "without"} FIN`,
      head: (fin | opcode).toString(16).padStart(2, "0"),
      at: 0,
      message: /reserved opcode/,
    }))
  ),
  ...["c8", "c9", "ca"].map((head): Fault => ({
    name: `RSV1 on a control frame: ${head}`,
    head,
    at: 0,
    message: /does not begin/,
    compression: true,
  })),
  ...["40", "c0"].map((head): Fault => ({
    name: `RSV1 on a continuation: ${head}`,
    head,
    at: 0,
    message: /does not begin/,
    compression: true,
    underWay: true,
  })),
  ...["08", "09", "0a"].map((head): Fault => ({
    name: `a control frame in fragments: ${head}`,
    head,
    at: 0,
    message: /is fragmented/,
  })),
  ...["00", "80"].map((head): Fault => ({
    name: `a continuation of nothing: ${head}`,
    head,
    at: 0,
    message: /no message has begun/,
  })),
  ...["01", "02", "81", "82"].map((head): Fault => ({
    name: `a message inside another: ${head}`,
    head,
    at: 0,
    message: /before the last one/,
    underWay: true,
  })),
  { name: "no mask to a server", head: "8100", at: 1, message: /not masked/, role: "server" },
  { name: "a mask to a client", head: "8180", at: 1, message: /a masked frame/, role: "client" },
  ...["88fe", "89fe", "8aff"].map((head): Fault => ({
    name: `a long control frame to a server: ${head}`,
    head,
    at: 1,
    message: /more than 125/,
    role: "server",
  })),
  ...["887e", "897f", "8a7e"].map((head): Fault => ({
    name: `a long control frame to a client: ${head}`,
    head,
    at: 1,
    message: /more than 125/,
    role: "client",
  })),
  ...["0000", "0001", "007d"].map((length): Fault => ({
    name: `16 bits for ${length}`,
    head: `827e${length}`,
    at: 3,
    message: LONGER,
    role: "client",
  })),
  ...["0000", "007d", "007e", "ffff"].map((length): Fault => ({
    name: `64 bits for ${length}`,
    head: `827f000000000000${length}`,
    at: 9,
    message: LONGER,
    role: "client",
  })),
  {
    name: "64 bits for 125, masked",
    head: "82ff000000000000007d",
    at: 9,
    message: LONGER,
    role: "server",
  },
  { name: "the highest bit of 64", head: "827f80", at: 2, message: /64 bits/, role: "client" },
  {
    name: "all bits of 64",
    head: "82ffffffffffffffffff",
    at: 2,
    message: /64 bits/,
    role: "server",
  },
];

test("HeadReader refuses each fault at the octet that is wrong, with 1002", () => {
  for (const { name, head, at, message, role, compression = false, underWay = false } of FAULTS) {
    const bytes = hex(head);
    for (const one of role ? [role] : ROLES) {
      const reader = new HeadReader(one, compression);
      assert.equal(reader.read(bytes, 0, at, underWay), at, name);
      assert.throws(
        () => reader.read(bytes, at, at + 1, underWay),
        (error) =>
          error instanceof ProtocolError && error.code === 1002 && message.test(error.message),
        name,
      );
    }
  }
});

test("HeadReader accepts valid frames that resemble violations", () => {
  const fine: readonly [Frame, boolean][] = [
    [{ opcode: 0, fin: false }, true],
    [{ opcode: 0 }, true],
    [{ opcode: 9 }, true],
    [{ opcode: 1, rsv: 4 }, false],
    [{ opcode: 2, rsv: 4, fin: false }, false],
    [{ opcode: 10, payload: new Uint8Array(125) }, false],
  ];
  for (const [frame, underWay] of fine) {
    for (const role of ROLES) {
      const reader = new HeadReader(role, true);
      const bytes = encode(frame, role === "server");
      reader.read(bytes, 0, bytes.length, underWay);
      assert.ok(reader.complete);
      assert.equal(reader.opcode, frame.opcode);
    }
  }
});
