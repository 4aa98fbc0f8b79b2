// permessage-deflate: octets on the wire, asynchronous inflation, and bombs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, encode, hex, more, ping, text } from "../../src/conformance/wire/frame.ts";
import {
  cutTail,
  type Inflated,
  type Inflater,
  maxCompressedLength,
} from "../../src/protocol/deflate_framing.ts";
import { FrameBuffer } from "../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../src/protocol/frame_writer.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import { assertSame, eventsOf, everyCut, join, RecordingSink } from "./recording_sink.ts";
import { zlibDeflater, zlibInflater } from "./zlib_deflate.ts";

const RSV1 = { rsv: 4 };

/** "Hello", compressed as in RFC 7692, 7.2.3. */
const HELLO: readonly [string, string][] = [
  ["one block", "f248cdc9c90700"],
  ["a stored block", "000500faff48656c6c6f00"],
  ["a last block", "f348cdc9c9070000"],
  ["two blocks", "f248050000 00ffff cac9c90700"],
];

function fromServer(...frames: Parameters<typeof encode>[0][]): Uint8Array {
  return join(...frames.map((frame) => encode(frame, false)));
}

test("the examples of RFC 7692, 7.2.3, are inflated, however they are cut", () => {
  const options = { role: "client", inflater: zlibInflater } as const;
  for (const [name, digits] of HELLO) {
    const octets = hex(digits);
    const whole = fromServer(text(octets, RSV1));
    assertSame(eventsOf(options, whole), [["text", "Hello"]], name);
    assertSame(eventsOf(options, whole, everyCut(whole.length)), [["text", "Hello"]], name);
    for (let at = 0; at <= octets.length; at++) {
      const stream = fromServer(
        binary(octets.subarray(0, at), { ...RSV1, fin: false }),
        ping("between"),
        more(octets.subarray(at)),
        text("plain"),
      );
      assertSame(eventsOf(options, stream), [
        ["ping", new TextEncoder().encode("between")],
        ["binary", new TextEncoder().encode("Hello")],
        ["text", "plain"],
      ], name);
    }
  }
});

test("an empty message is one octet, and inflated from it", () => { // 7.2.3.6
  const output = new FrameBuffer();
  const writer = new FrameWriter({
    role: "server",
    deflater: { ...zlibDeflater(), contextTakeover: true },
    threshold: 0,
  }, output);
  writer.binary(new Uint8Array(0));
  const stream = output.take();
  assert.deepEqual(stream.slice(0, 2), hex("c2 01").fill(stream[1]!, 1));
  const options = { role: "client", inflater: zlibInflater } as const;
  assertSame(eventsOf(options, stream), [["binary", new Uint8Array(0)]]);
  assert.deepEqual(cutTail(hex("0000ffff")), hex("00"));
  assertSame(eventsOf(options, fromServer(text("", RSV1))), [["text", ""]]);
});

test("a bomb fails with 1009 without taking more memory than the limit", () => {
  const deflated = cutTail(zlibDeflater().deflate(new Uint8Array(2 ** 24)));
  for (const maxPayload of [0, 1000, 2 ** 24 - 1]) {
    const options = { role: "client", inflater: zlibInflater, maxPayload } as const;
    const [event] = eventsOf(options, fromServer(binary(deflated, RSV1)));
    assert.deepEqual(event!.slice(0, 2), ["fail", 1009]);
  }
});

test("a message of exactly the limit is received, even if compression made it longer", () => {
  const message = crypto.getRandomValues(new Uint8Array(60_000));
  const deflated = cutTail(zlibDeflater().deflate(message));
  assert.ok(deflated.length > message.length);
  const options = { role: "client", inflater: zlibInflater, maxPayload: 60_000 } as const;
  assertSame(eventsOf(options, fromServer(binary(deflated, RSV1))), [["binary", message]]);
  assert.ok(maxCompressedLength(60_000) < 69_000);
});

test("text is UTF-8 once it is inflated", () => {
  const options = { role: "client", inflater: zlibInflater } as const;
  for (const digits of ["ff", "e282", "61eda080"]) {
    const deflated = cutTail(zlibDeflater().deflate(hex(digits)));
    const [event] = eventsOf(options, fromServer(text(deflated, RSV1)));
    assert.deepEqual(event!.slice(0, 2), ["fail", 1007]);
    const bytes = eventsOf(options, fromServer(binary(deflated, RSV1)));
    assertSame(bytes, [["binary", hex(digits)]]);
  }
});

test("an inflater's outcome is checked against the limit", () => {
  const inflater: Inflater = { inflate: () => new Uint8Array(11) };
  const stream = fromServer(binary("any", RSV1));
  const options = { role: "client", inflater } as const;
  assert.deepEqual(eventsOf({ ...options, maxPayload: 10 }, stream)[0]!.slice(0, 2), [
    "fail",
    1009,
  ]);
  assertSame(eventsOf({ ...options, maxPayload: 11 }, stream), [[
    "binary",
    new Uint8Array(11),
  ]]);
});

test("an inflated message spans its memory: a part of larger memory is copied", () => {
  const memory = new Uint8Array(20).fill(5);
  for (const outcome of [memory, memory.subarray(3, 9)]) {
    const inflater: Inflater = { inflate: () => outcome };
    const [event] = eventsOf({ role: "client", inflater }, fromServer(binary("any", RSV1)));
    const bytes = event![1] as Uint8Array;
    assert.deepEqual(bytes, outcome);
    assert.equal(bytes.buffer.byteLength, bytes.length);
  }
});

/** Returns a receiver whose messages are inflated asynchronously. */
function pending(): { sink: RecordingSink; receiver: Receiver; taken: Uint8Array[] } {
  const taken: Uint8Array[] = [];
  const sink = new RecordingSink();
  const inflater: Inflater = {
    inflate(deflated) {
      taken.push(deflated);
      return "pending";
    },
  };
  return { sink, receiver: new Receiver({ role: "client", inflater }, sink), taken };
}

test("asynchronous inflation pauses the receiver, and keeps the order", () => {
  const { sink, receiver, taken } = pending();
  const first = fromServer(text(hex(HELLO[0]![1]), RSV1));
  const stream = join(first, fromServer(text("plain")));
  assert.equal(receiver.receive(stream), first.length);
  assert.ok(receiver.inflating);
  assert.equal(receiver.receive(stream, first.length), first.length); // not yet
  assertSame(sink.events, []);
  receiver.inflated(zlibInflater.inflate(taken[0]! as Uint8Array<ArrayBuffer>, 100) as Inflated);
  assertSame(sink.events, [["text", "Hello"]]);
  assert.ok(!receiver.inflating);
  assert.equal(receiver.receive(stream, first.length), stream.length);
  assertSame(sink.events, [["text", "Hello"], ["text", "plain"]]);
  receiver.inflated(new Uint8Array(3)); // nobody has asked
  assert.equal(sink.events.length, 2);
});

test("asynchronous inflation may fail the connection", () => {
  for (const [outcome, code] of [["malformed", 1007], ["too-long", 1009]] as const) {
    const { sink, receiver } = pending();
    receiver.receive(fromServer(text("any", RSV1)));
    receiver.inflated(outcome);
    assert.deepEqual(sink.events.map((event) => event.slice(0, 2)), [["fail", code]]);
    assert.ok(receiver.ended);
  }
});

test("stop() during asynchronous inflation drops the message", () => {
  const { sink, receiver } = pending();
  receiver.receive(fromServer(text("any", RSV1)));
  receiver.stop();
  receiver.inflated(new Uint8Array(3));
  assert.equal(receiver.receive(fromServer(text("more"))), 6);
  assertSame(sink.events, []);
});

test("an error thrown by the sink for an inflated message is rethrown", () => {
  const { sink, receiver } = pending();
  sink.text = () => {
    throw new TypeError("mine");
  };
  receiver.receive(fromServer(text("any", RSV1)));
  assert.throws(() => receiver.inflated(new Uint8Array(3)), /mine/);
  assert.ok(receiver.ended);
});
