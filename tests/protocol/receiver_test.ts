// Events of a receiver for valid frames of each kind, and the memory that their data lies in.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  binary,
  close,
  encode,
  type Frame,
  more,
  ping,
  pong,
  text,
} from "../../src/conformance/wire/frame.ts";
import type { Role } from "../../src/protocol/frame_head.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import { portableCodec, type TextCodec } from "../../src/protocol/text_codec.ts";
import { allocateUnmaskMemory } from "../../src/protocol/unmask_wasm.ts";
import {
  assertSame,
  eventsOf,
  everyCut,
  join,
  type ReceivedEvent,
  RecordingSink,
} from "./recording_sink.ts";

const ROLES: readonly Role[] = ["server", "client"];
const PART = { fin: false };

function bytesFrom(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => at * 7);
}

/** Returns frames as the peer of a role sends them. */
function sent(role: Role, ...frames: readonly Frame[]): Uint8Array {
  return join(...frames.map((frame) => encode(frame, role === "server")));
}

/** Asserts the events of frames for both roles: as a whole, octet by octet, in 3 and in 7. */
function assertEvents(frames: readonly Frame[], expected: readonly ReceivedEvent[]): void {
  for (const role of ROLES) {
    const stream = sent(role, ...frames);
    assertSame(eventsOf({ role }, stream), expected);
    if (stream.length > 20_000) continue;
    for (const size of [1, 3, 7]) {
      assertSame(eventsOf({ role }, stream, everyCut(stream.length, size)), expected);
    }
  }
}

test("messages of every length come as they were sent", () => {
  for (
    const size of [0, 1, 2, 15, 16, 63, 64, 65, 124, 125, 126, 127, 1000, 65_535, 65_536, 70_000]
  ) {
    const bytes = bytesFrom(size);
    const ascii = "abcdefg".repeat(size).slice(0, size);
    assertEvents([binary(bytes), text(ascii)], [["binary", bytes], ["text", ascii]]);
  }
});

test("texts are decoded as UTF-8, and keep a leading U+FEFF", () => {
  for (const word of ["é", "κόσμε", "𝄞", "\ufeffabc", "a".repeat(70) + "ü", "\0", "\uffff"]) {
    assertEvents([text(word)], [["text", word]]);
  }
});

test("fragments are joined, whatever stands between them", () => {
  assertEvents([
    text("a€", PART),
    ping("one"),
    more("", PART),
    pong("two"),
    more("𝄞b"),
    binary("", PART),
    more(""),
    text("", PART),
    more("", PART),
    ping(""),
    more(""),
  ], [
    ["ping", new TextEncoder().encode("one")],
    ["pong", new TextEncoder().encode("two")],
    ["text", "a€𝄞b"],
    ["binary", new Uint8Array(0)],
    ["ping", new Uint8Array(0)],
    ["text", ""],
  ]);
});

test("a character may be cut into fragments anywhere", () => {
  const bytes = new TextEncoder().encode("κ𝄞€x");
  for (let one = 0; one <= bytes.length; one++) {
    for (let two = one; two <= bytes.length; two++) {
      assertEvents([
        text(bytes.subarray(0, one), PART),
        more(bytes.subarray(one, two), PART),
        more(bytes.subarray(two)),
      ], [["text", "κ𝄞€x"]]);
    }
  }
});

test("a Close is the last event: octets after it are ignored", () => {
  for (
    const [frame, event] of [
      [close(1000, "bye"), ["close", 1000, "bye"]],
      [close(4999), ["close", 4999, ""]],
      [close(), ["close", 1005, ""]],
      [close(1001, "é".repeat(61)), ["close", 1001, "é".repeat(61)]],
    ] as const
  ) {
    assertEvents([text("a", PART), frame, more("b"), { opcode: 3 }], [event]);
  }
});

test("control frames of 125 bytes come with their payload", () => {
  const bytes = bytesFrom(125);
  assertEvents([ping(bytes), pong(bytes)], [["ping", bytes], ["pong", bytes]]);
});

test("the events are the same in WebAssembly's memory and in a Node Buffer", () => {
  const { bytes, unmask } = allocateUnmaskMemory(131_072);
  const frames = [
    text("x".repeat(30_000)),
    binary(bytesFrom(40_000)),
    text("é".repeat(99)),
    ping("p"),
  ];
  for (const role of ROLES) {
    const stream = sent(role, ...frames);
    const expected = eventsOf({ role }, stream);
    for (const cuts of [[], [100], [30_001, 50_000, 70_100]]) {
      assertSame(eventsOf({ role, unmask }, stream, cuts, bytes), expected);
      const buffer = Buffer.alloc(stream.length + 8);
      assertSame(eventsOf({ role, unmask }, stream, cuts, buffer), expected);
    }
  }
});

test("binary payloads are plain arrays that span their memory, and none share it", () => {
  const sizes = [0, 0, 1, 64, 65, 1000, 70_000];
  for (const role of ROLES) {
    const stream = Buffer.from(sent(
      role,
      ...sizes.flatMap((
        size,
      ) => [binary(bytesFrom(size)), binary(bytesFrom(size), PART), more("")]),
      ping(""),
      pong("abc"),
    ));
    const memories = new Set<unknown>();
    const events = eventsOf(
      { role },
      stream,
      [stream.length >> 1],
      Buffer.alloc(stream.length + 8),
    );
    for (const [, data] of events) {
      const bytes = data as Uint8Array;
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.equal(bytes.length, bytes.buffer.byteLength);
      memories.add(bytes.buffer);
    }
    assert.equal(memories.size, events.length);
  }
});

test("the given codec converts all text, and is called as an object", () => {
  class CountingCodec implements TextCodec {
    calls: string[] = [];
    isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
      this.calls.push("isUtf8");
      return portableCodec.isUtf8(bytes, from, to);
    }
    decodeAscii(bytes: Uint8Array, from: number, to: number): string {
      this.calls.push("decodeAscii");
      return portableCodec.decodeAscii(bytes, from, to);
    }
    decodeUtf8(bytes: Uint8Array, from: number, to: number): string {
      this.calls.push("decodeUtf8");
      return portableCodec.decodeUtf8(bytes, from, to);
    }
    byteLength(): number {
      throw new Error("Nothing is encoded");
    }
    encodeInto(): number {
      throw new Error("Nothing is encoded");
    }
  }
  const callsFor = (...frames: readonly Frame[]): readonly string[] => {
    const codec = new CountingCodec();
    eventsOf({ role: "server", codec }, sent("server", ...frames));
    return codec.calls;
  };
  assert.deepEqual(callsFor(text("abc")), ["decodeAscii"]);
  assert.deepEqual(callsFor(text("äbc")), ["isUtf8", "decodeUtf8"]);
  assert.deepEqual(callsFor(text("ab", PART), more("c")), ["decodeAscii"]);
  assert.deepEqual(callsFor(text("ab", PART), more("äxyz")), ["isUtf8", "decodeUtf8"]);
  assert.deepEqual(callsFor(close(1000, "why")), ["isUtf8", "decodeUtf8"]);
});

test("pendingBytes counts the memory of an incomplete message", () => {
  const receiver = new Receiver({ role: "client" }, new RecordingSink());
  assert.equal(receiver.pendingBytes, 0);
  receiver.receive(sent("client", binary("a".repeat(300))).subarray(0, 34));
  assert.equal(receiver.pendingBytes, 8 * 30); // a peer has to send an eighth
  receiver.receive(new Uint8Array(269));
  assert.equal(receiver.pendingBytes, 300);
  receiver.receive(new Uint8Array(1));
  assert.equal(receiver.pendingBytes, 0);
  receiver.receive(sent("client", binary("abc", PART)));
  assert.equal(receiver.pendingBytes, 256); // more is to be expected
});

test("stop() ends the receiver, even for the rest of the chunk", () => {
  for (const first of [text("a"), ping("a"), text("a", PART)]) {
    const sink = new RecordingSink();
    const receiver: Receiver = new Receiver({ role: "client" }, sink);
    const stopping = (): void => receiver.stop();
    sink.text = sink.ping = stopping;
    receiver.receive(sent("client", first, more("b"), binary("c")));
    receiver.receive(sent("client", binary("d")));
    assertSame(sink.events, []);
    assert.ok(receiver.ended);
    assert.equal(receiver.pendingBytes, 0);
  }
});

test("an error thrown by the sink is rethrown, and ends the receiver", () => {
  const sink = new RecordingSink();
  const receiver = new Receiver({ role: "client" }, sink);
  sink.text = () => {
    throw new TypeError("mine");
  };
  assert.throws(() => receiver.receive(sent("client", text("a"), binary("b"))), /mine/);
  assert.ok(receiver.ended);
  receiver.receive(sent("client", binary("c")));
  assertSame(sink.events, []);
});

test("receive() reads only the given part of the memory", () => {
  const sink = new RecordingSink();
  const receiver = new Receiver({ role: "client" }, sink);
  const stream = join(
    new Uint8Array(5),
    sent("client", text("abc"), text("def")),
    new Uint8Array(5),
  );
  assert.equal(receiver.receive(stream, 5, 10), 10);
  assert.equal(receiver.receive(stream, 10, 10), 10);
  assert.equal(receiver.receive(stream, 10, 15), 15);
  assertSame(sink.events, [["text", "abc"], ["text", "def"]]);
});
