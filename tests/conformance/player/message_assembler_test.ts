// Messages assembled from frames: whole, in fragments, compressed, and too large.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageAssembler } from "../../../src/conformance/player/message_assembler.ts";
import type { ReadFrame } from "../../../src/conformance/wire/frame_reader.ts";

function frame(opcode: number, text: string, fin = true, rsv = 0): ReadFrame {
  const payload = new TextEncoder().encode(text);
  return {
    opcode,
    fin,
    rsv,
    payload,
    masked: false,
    key: "",
    head: 2,
    wire: payload,
    minimal: true,
  };
}

function push(assembler: MessageAssembler, ...frames: readonly ReadFrame[]): unknown {
  const event = frames.map((one) => assembler.push(one)).at(-1);
  if (event?.what !== "message") return event;
  return [event.opcode, new TextDecoder().decode(event.payload)];
}

test("MessageAssembler returns whole messages, and joins fragments", () => {
  const assembler = new MessageAssembler(100);
  assert.deepEqual(push(assembler, frame(1, "whole")), [1, "whole"]);
  assert.equal(push(assembler, frame(2, "a", false), frame(0, "", false)), undefined);
  assert.ok(assembler.isInMessage);
  assert.deepEqual(push(assembler, frame(0, "b")), [2, "ab"]);
  assert.ok(!assembler.isInMessage);
});

test("MessageAssembler inflates messages whose first frame has RSV1", () => {
  const assembler = new MessageAssembler(100);
  assembler.inflate = (payload) => Uint8Array.of(...payload, ...payload);
  assert.deepEqual(push(assembler, frame(1, "a", false, 4), frame(0, "b")), [1, "abab"]);
  assert.deepEqual(push(assembler, frame(1, "plain")), [1, "plain"]);
});

test("MessageAssembler returns a violation for what it cannot inflate, and for endless messages", () => {
  const assembler = new MessageAssembler(3);
  assembler.inflate = () => {
    throw new Error("a bomb");
  };
  assert.deepEqual(push(assembler, frame(1, "x", true, 4)), {
    what: "violation",
    section: "7692:7.2.2",
    note: "The peer's compressed message cannot be inflated: a bomb",
  });
  assert.deepEqual(push(assembler, frame(1, "xx", false), frame(0, "xx", false)), {
    what: "violation",
    section: "10.4",
    note: "The peer's message has no end",
  });
});
