// Violations: the close code, the octet at which each is found, and that nothing follows it.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  binary,
  close,
  encode,
  type Frame,
  hex,
  more,
  ping,
  text,
} from "../../src/conformance/wire/frame.ts";
import type { Role } from "../../src/protocol/frame_head.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import type { ReceiverOptions } from "../../src/protocol/receiver_options.ts";
import { assertSame, eventsOf, everyCut, join, RecordingSink } from "./recording_sink.ts";
import { zlibInflater } from "./zlib_deflate.ts";

const ROLES: readonly Role[] = ["server", "client"];
const PART = { fin: false };

interface Fault {
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly code: 1002 | 1007 | 1009;
  /** Offset of the octet that is wrong, in the last frame: in its head, or in its payload. */
  readonly at: { readonly head: number } | { readonly payload: number };
  readonly options?: Partial<ReceiverOptions>;
}

/** Marks the last octet of a head, whatever its role makes its length. */
const LAST = -1;

const SMALL = { maxPayload: 300 };

const FAULTS: readonly Fault[] = [
  { name: "RSV1", frames: [text("a", { rsv: 4 })], code: 1002, at: { head: 0 } },
  { name: "RSV2", frames: [text("a", { rsv: 2 })], code: 1002, at: { head: 0 } },
  { name: "a reserved opcode", frames: [{ opcode: 3 }], code: 1002, at: { head: 0 } },
  { name: "a continuation", frames: [text("a"), more("b")], code: 1002, at: { head: 0 } },
  { name: "a text in a text", frames: [text("a", PART), text("b")], code: 1002, at: { head: 0 } },
  {
    name: "a binary in a text, behind a ping",
    frames: [text("a", PART), ping(), binary("b")],
    code: 1002,
    at: { head: 0 },
  },
  { name: "a ping in fragments", frames: [ping("a", PART)], code: 1002, at: { head: 0 } },
  { name: "a long ping", frames: [ping("a".repeat(126))], code: 1002, at: { head: 1 } },
  {
    name: "16 bits for 5",
    frames: [text("aaaaa", { lengthBytes: 2 })],
    code: 1002,
    at: { head: 3 },
  },
  {
    name: "64 bits for 5",
    frames: [text("aaaaa", { lengthBytes: 8 })],
    code: 1002,
    at: { head: 9 },
  },
  {
    name: "64 bits for 300",
    frames: [binary("a".repeat(300), { lengthBytes: 8 })],
    code: 1002,
    at: { head: 9 },
  },
  {
    name: "2 to the 63",
    frames: [binary("", { length: 2n ** 63n, lengthBytes: 8 })],
    code: 1002,
    at: { head: 2 },
  },
  {
    name: "2 to the 63, less 1",
    frames: [binary("", { length: 2n ** 63n - 1n, lengthBytes: 8 })],
    code: 1009,
    at: { head: LAST },
  },
  {
    name: "one more than the limit",
    frames: [text("a".repeat(301))],
    code: 1009,
    at: { head: LAST },
    options: SMALL,
  },
  {
    name: "one more than a limit of nothing",
    frames: [text(""), text("a")],
    code: 1009,
    at: { head: LAST },
    options: { maxPayload: 0 },
  },
  {
    name: "70,000 above the limit",
    frames: [binary(new Uint8Array(70_000))],
    code: 1009,
    at: { head: LAST },
    options: SMALL,
  },
  {
    name: "fragments that are longer than the limit",
    frames: [text("a".repeat(299), PART), ping("ping"), more("b", PART), more("c")],
    code: 1009,
    at: { head: LAST },
    options: SMALL,
  },
  {
    name: "a close of one octet",
    frames: [{ opcode: 8, payload: hex("03") }],
    code: 1002,
    at: { payload: 0 },
  },
  { name: "close code 1005", frames: [close(1005)], code: 1002, at: { payload: 1 } },
  { name: "close code 1006", frames: [close(1006, "why")], code: 1002, at: { payload: 4 } },
  { name: "close code 1015", frames: [close(1015)], code: 1002, at: { payload: 1 } },
  { name: "close code 2999", frames: [close(2999)], code: 1002, at: { payload: 1 } },
  {
    name: "a close reason that is not UTF-8",
    frames: [close(1000, hex("80"))],
    code: 1007,
    at: { payload: 2 },
  },
  { name: "the octet 80 in a text", frames: [text(hex("6180"))], code: 1007, at: { payload: 1 } },
  {
    name: "a surrogate",
    frames: [text(hex("6161 eda080 61"))],
    code: 1007,
    at: { payload: 3 },
  },
  {
    name: "a text that ends in a character",
    frames: [text(hex("61e282"))],
    code: 1007,
    at: { payload: 2 },
  },
  {
    name: "a text whose last fragment is empty, in a character",
    frames: [text(hex("e282"), PART), more("")],
    code: 1007,
    at: { head: LAST },
  },
  {
    name: "a character that another fragment breaks",
    frames: [text(hex("f09d"), PART), ping("between"), more(hex("8441"))],
    code: 1007,
    at: { payload: 1 },
  },
  {
    name: "a character that another fragment in ASCII breaks",
    frames: [text(hex("f09d"), PART), more("A", PART)],
    code: 1007,
    at: { payload: 0 },
  },
  {
    name: "a fragment after one in ASCII",
    frames: [text("abc", PART), more(hex("64ff64"), PART)],
    code: 1007,
    at: { payload: 1 },
  },
  {
    name: "RSV1 on a continuation",
    frames: [text("a", PART), more("b", { rsv: 4 })],
    code: 1002,
    at: { head: 0 },
    options: { inflater: zlibInflater },
  },
  {
    name: "what is no deflate",
    frames: [text(hex("ffff"), { rsv: 4 })],
    code: 1007,
    at: { payload: 1 },
    options: { inflater: zlibInflater },
  },
  {
    name: "a compressed message that is far too long before it is inflated",
    frames: [text("a".repeat(300), { rsv: 4, fin: false }), more("b".repeat(300))],
    code: 1009,
    at: { head: LAST },
    options: { ...SMALL, inflater: zlibInflater },
  },
];

function headOf(frame: Frame, masks: boolean): number {
  const second = encode(frame, masks)[1]! & 0x7f;
  return (second === 126 ? 4 : second === 127 ? 10 : 2) + (masks ? 4 : 0);
}

test("each violation fails with its code at its octet, once, and nothing follows", () => {
  for (const { name, frames, code, at, options } of FAULTS) {
    for (const role of ROLES) {
      const masks = role === "server";
      const title = `${name}, to a ${role}`;
      const last = frames.at(-1)!;
      const before = join(...frames.slice(0, -1).map((frame) => encode(frame, masks)));
      const head = headOf(last, masks);
      const offset = "payload" in at ? head + at.payload : at.head === LAST ? head - 1 : at.head;
      const bytes = join(before, encode(last, masks), encode(text("more"), masks));

      const sink = new RecordingSink();
      const receiver = new Receiver({ role, ...options }, sink);
      const wrong = before.length + offset;
      for (let octet = 0; octet < wrong; octet++) receiver.receive(bytes.slice(octet, octet + 1));
      assert.ok(!receiver.ended, `${title}: too early`);
      const right = sink.events.length;
      receiver.receive(bytes.slice(wrong, wrong + 1));
      assert.ok(receiver.ended, `${title}: too late`);
      assert.deepEqual(
        sink.events.slice(right).map((event) => event.slice(0, 2)),
        [["fail", code]],
        title,
      );

      const cuts = everyCut(bytes.length, 5);
      assertSame(eventsOf({ role, ...options }, bytes), sink.events, `${title}, whole`);
      assertSame(eventsOf({ role, ...options }, bytes, cuts), sink.events, `${title}, cut`);
    }
  }
});

test("a frame that is masked by the wrong end is refused at its second octet", () => {
  for (const role of ROLES) {
    for (const frame of [text("a"), binary("b".repeat(200)), ping("c"), close(1000)]) {
      const bytes = encode(frame, role === "client");
      assertSame(eventsOf({ role }, bytes.slice(0, 1)), []);
      const [event] = eventsOf({ role }, bytes.slice(0, 2));
      assert.deepEqual(event!.slice(0, 2), ["fail", 1002]);
      assertSame(eventsOf({ role }, bytes), [event!]);
    }
  }
});

test("a message of exactly the limit is received", () => {
  for (const role of ROLES) {
    for (
      const frames of [
        [text("a".repeat(300))],
        [text("a".repeat(299), PART), more("a", PART), more("")],
      ]
    ) {
      const bytes = join(...frames.map((frame) => encode(frame, role === "server")));
      const expected = [["text", "a".repeat(300)]];
      assertSame(eventsOf({ role, maxPayload: 300 }, bytes), expected);
      assertSame(eventsOf({ role, maxPayload: 300 }, bytes, everyCut(bytes.length)), expected);
    }
  }
});

test("control frames do not count as messages", () => {
  const bytes = encode(ping("a".repeat(125)), true);
  assert.equal(eventsOf({ role: "server", maxPayload: 10 }, bytes)[0]![0], "ping");
});

test("each message fits in a Close frame, as its reason", () => {
  for (const { frames, options } of FAULTS) {
    const bytes = join(...frames.map((frame) => encode(frame, true)));
    const [, , message] = eventsOf({ role: "server", ...options }, bytes).at(-1)!;
    assert.ok((message as string).length <= 123, message as string);
  }
});
