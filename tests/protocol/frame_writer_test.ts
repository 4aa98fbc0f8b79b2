// Frames of a writer, as octets and as the judge's reader reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReader, type ReadFrame } from "../../src/conformance/wire/frame_reader.ts";
import { hex } from "../../src/conformance/wire/frame.ts";
import type { Role } from "../../src/protocol/frame_head.ts";
import { FrameBuffer, type FrameTarget } from "../../src/protocol/frame_target.ts";
import { FrameWriter, type FrameWriterOptions } from "../../src/protocol/frame_writer.ts";
import { drawMaskKey } from "../../src/protocol/mask_keys.ts";
import { allocateUnmaskMemory } from "../../src/protocol/unmask_wasm.ts";
import { assertSamePayload } from "./recording_sink.ts";
import { zlibDeflater } from "./zlib_deflate.ts";

const ROLES: readonly Role[] = ["server", "client"];
const encoder = new TextEncoder();

/** Returns the frames that are written, as the judge reads them. */
function framesOf(
  options: FrameWriterOptions,
  write: (writer: FrameWriter) => void,
): readonly ReadFrame[] {
  const output = new FrameBuffer();
  write(new FrameWriter(options, output));
  const reader = new FrameReader(2 ** 24, 0);
  const frames = [...reader.push(output.take())];
  assert.equal(reader.pending, 0);
  return frames;
}

test("a server's frames are written as in the examples of RFC 6455, 5.7", () => {
  const output = new FrameBuffer();
  const server = new FrameWriter({ role: "server" }, output);
  server.text("Hello");
  server.ping(encoder.encode("Hello"));
  server.frame(0x01, encoder.encode("Hel"));
  server.frame(0x80, encoder.encode("lo"));
  assert.deepEqual(output.take(), hex("810548656c6c6f 890548656c6c6f 010348656c 80026c6f"));
  const client = new FrameWriter({ role: "client", maskKey: () => 0x3d21fa37 }, output);
  client.text("Hello");
  client.pong(encoder.encode("Hello"));
  assert.deepEqual(output.take(), hex("818537fa213d7f9f4d5158 8a8537fa213d7f9f4d5158"));
});

test("texts have the shortest head, whatever their characters take", () => {
  for (const unit of ["a", "é", "€", "𝄞"]) {
    for (
      const size of [
        1,
        20,
        31,
        41,
        42,
        62,
        63,
        124,
        125,
        126,
        127,
        21_000,
        21_845,
        21_846,
        32_768,
        65_536,
      ]
    ) {
      const text = unit.repeat(size);
      const expected = encoder.encode(text);
      for (const role of ROLES) {
        const [frame, ...others] = framesOf({ role }, (writer) => writer.text(text));
        assert.equal(others.length, 0);
        assert.ok(frame!.minimal);
        assert.deepEqual([frame!.opcode, frame!.fin, frame!.rsv], [1, true, 0]);
        assert.equal(frame!.masked, role === "client");
        assertSamePayload(frame!.payload, expected);
      }
    }
  }
});

test("half a surrogate pair is written as U+FFFD", () => {
  for (
    const [text, written] of [["a\ud800", "a\ufffd"], ["\udc00b", "\ufffdb"], [
      "\ud800".repeat(30_000),
      "\ufffd".repeat(30_000),
    ]] as const
  ) {
    const [frame] = framesOf({ role: "server" }, (writer) => writer.text(text));
    assertSamePayload(frame!.payload, encoder.encode(written));
  }
});

test("masking does not change the caller's data", () => {
  const data = encoder.encode("abc".repeat(100));
  const [frame] = framesOf({ role: "client" }, (writer) => writer.binary(data));
  assertSamePayload(frame!.payload, data);
  assert.deepEqual(data, encoder.encode("abc".repeat(100)));
});

test("each frame of a client has a key of its own", () => {
  const frames = framesOf({ role: "client" }, (writer) => {
    for (let count = 0; count < 1000; count++) writer.ping(new Uint8Array(0));
  });
  assert.ok(new Set(frames.map(({ key }) => key)).size > 990);
  const keys = Array.from({ length: 600 }, drawMaskKey);
  assert.ok(new Set(keys).size > 590);
});

test("control frames are short, closes have a code for the wire", () => {
  for (const role of ROLES) {
    const [ping, pong, close, empty] = framesOf({ role }, (writer) => {
      writer.ping(new Uint8Array(125));
      writer.pong(new Uint8Array(1));
      writer.close(1001, "é");
      writer.close();
      assert.throws(() => writer.ping(new Uint8Array(126)), RangeError);
      assert.throws(() => writer.pong(new Uint8Array(126)), RangeError);
      for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]) {
        assert.throws(() => writer.close(code), RangeError);
      }
      assert.throws(() => writer.close(1000, "a".repeat(124)), RangeError);
    });
    assert.deepEqual([ping!.opcode, pong!.opcode, close!.opcode, empty!.opcode], [9, 10, 8, 8]);
    assert.deepEqual(close!.payload, hex("03e9 c3a9"));
    assert.equal(empty!.payload.length, 0);
  }
});

test("messages are compressed from the threshold on, if that makes them shorter", () => {
  const options = { role: "server", deflater: zlibDeflater() } as const;
  const rsvOf = (write: (writer: FrameWriter) => void, more = {}): number =>
    framesOf({ ...options, ...more }, write)[0]!.rsv;
  assert.equal(rsvOf((writer) => writer.text("a".repeat(1023))), 0);
  assert.equal(rsvOf((writer) => writer.text("a".repeat(1024))), 4);
  assert.equal(rsvOf((writer) => writer.text("é".repeat(512))), 4);
  assert.equal(rsvOf((writer) => writer.binary(new Uint8Array(1023))), 0);
  assert.equal(rsvOf((writer) => writer.binary(new Uint8Array(1024))), 4);
  assert.equal(rsvOf((writer) => writer.text("aaaaaaaaaaaaaaa"), { threshold: 10 }), 4);
  const noise = crypto.getRandomValues(new Uint8Array(2000));
  assert.equal(rsvOf((writer) => writer.binary(noise)), 0);
  assertSamePayload(framesOf(options, (writer) => writer.binary(noise))[0]!.payload, noise);
  assert.equal(rsvOf((writer) => writer.text("azAZ09"), { threshold: 1 }), 0);
  const keeping = { ...zlibDeflater(), contextTakeover: true };
  assert.equal(rsvOf((writer) => writer.binary(noise), { deflater: keeping }), 4);
  const declining = { contextTakeover: true, deflate: () => undefined };
  const text = "é".repeat(600);
  assert.equal(rsvOf((writer) => writer.text(text), { deflater: declining }), 0);
  const [frame] = framesOf({ ...options, deflater: declining }, (writer) => writer.text(text));
  assertSamePayload(frame!.payload, encoder.encode(text));
  assert.equal(rsvOf((writer) => writer.ping(new Uint8Array(125)), { threshold: 1 }), 0);
});

test("a target may give each frame other memory, in WebAssembly too", () => {
  const { bytes, unmask } = allocateUnmaskMemory(65_536);
  const written: Uint8Array[] = [];
  const target: FrameTarget & { bytes: Uint8Array } = {
    bytes,
    end: 0,
    reserve(size) {
      written.push(this.bytes.slice(0, this.end));
      this.bytes = size > 65_536 ? new Uint8Array(size) : bytes;
      this.end = 0;
    },
  };
  const writer = new FrameWriter({ role: "client", unmask }, target);
  writer.text("é".repeat(300));
  writer.text("a".repeat(90_000));
  writer.binary(new Uint8Array(100).fill(7));
  target.reserve(0);
  const reader = new FrameReader(2 ** 24, 0);
  const frames = written.flatMap((octets) => [...reader.push(octets)]);
  const [first, second, third, ...others] = frames.map(({ payload }) => payload);
  assertSamePayload(first!, encoder.encode("é".repeat(300)));
  assertSamePayload(second!, encoder.encode("a".repeat(90_000)));
  assertSamePayload(third!, new Uint8Array(100).fill(7));
  assert.equal(others.length, 0);
});
