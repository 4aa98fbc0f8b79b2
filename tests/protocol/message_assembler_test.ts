// Memory of messages that arrive in parts: bounded by what has arrived.

import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, encode, type Frame, more } from "../../src/conformance/wire/frame.ts";
import { MessageAssembler } from "../../src/protocol/message_assembler.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import { portableCodec } from "../../src/protocol/text_codec.ts";
import { RecordingSink } from "./recording_sink.ts";

const PART = { fin: false };
const CHUNK = new Uint8Array(65_536);

function assembled(parts: readonly number[], total: number): MessageAssembler {
  const message = new MessageAssembler(false, false);
  for (const size of parts) {
    message.append(CHUNK, 0, size, 0, total, portableCodec);
    const bound = Math.max(256, 8 * message.length);
    assert.ok(message.capacity <= bound, `${message.capacity} bytes for ${message.length}`);
  }
  return message;
}

test("fragments of one byte take no more than twice their bytes", () => {
  const message = assembled(Array.from({ length: 100_000 }, () => 1), Infinity);
  assert.ok(message.capacity <= 200_000);
});

test("a frame of 1 GiB of which little has come takes at most eight times that", () => {
  const total = 2 ** 30;
  assert.ok(assembled([1], total).capacity <= 8);
  assert.ok(assembled([65_536], total).capacity <= 524_288);
  assert.ok(assembled(Array.from({ length: 40 }, () => 65_536), total).capacity < 2 ** 25);
});

test("a frame whose length is known ends in memory of that length, and is not copied again", () => {
  const message = assembled(Array.from({ length: 16 }, () => 65_536), 2 ** 20);
  const sink = new RecordingSink();
  assert.equal(message.capacity, 2 ** 20);
  message.report(sink, portableCodec);
  assert.equal((sink.events[0]![1] as Uint8Array).buffer.byteLength, 2 ** 20);
});

test("a flood of fragments takes no memory but their bytes, and each costs the same", () => {
  const receiver = new Receiver({ role: "client", maxPayload: 2 ** 20 }, new RecordingSink());
  const few = (frame: Frame): Uint8Array => {
    const one = encode(frame, false);
    const many = new Uint8Array(one.length * 20_000);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    return many;
  };
  receiver.receive(encode(binary("", PART), false));
  const empty = few(more("", PART));
  for (let round = 0; round < 10; round++) receiver.receive(empty);
  assert.equal(receiver.pendingBytes, 0);
  const single = few(more("a", PART));
  for (let round = 0; round < 10; round++) receiver.receive(single);
  assert.equal(receiver.pendingBytes, 262_144); // doubled 10 times, not 200,000 times
  assert.ok(!receiver.ended);
});

test("fragments without end fail at the limit, however small they are", () => {
  const sink = new RecordingSink();
  const receiver = new Receiver({ role: "client", maxPayload: 10_000 }, sink);
  receiver.receive(encode(binary("", PART), false));
  const fragment = encode(more("ab", PART), false);
  let sent = 0;
  for (; !receiver.ended && sent < 6000; sent++) receiver.receive(fragment.slice());
  assert.equal(sent, 5001);
  assert.deepEqual(sink.events[0]!.slice(0, 2), ["fail", 1009]);
  assert.equal(receiver.pendingBytes, 0);
});
