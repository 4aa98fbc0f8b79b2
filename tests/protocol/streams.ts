/** Generators of random streams of frames, mostly valid, for property tests. @module */

import fc from "fast-check";
import { encode, type Frame } from "../../src/conformance/wire/frame.ts";
import { cutTail } from "../../src/protocol/deflate_framing.ts";
import { join } from "./recording_sink.ts";
import { zlibDeflater } from "./zlib_deflate.ts";

const key = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

const string = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("", "é".repeat(70), "x".repeat(126), "κόσμε", "ab".repeat(150)),
);

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(130, 300, 70_000).map((size) => new Uint8Array(size).fill(size)),
);

const deflater = zlibDeflater();

interface Message {
  readonly opcode: 1 | 2;
  readonly payload: Uint8Array;
}

const message: fc.Arbitrary<Message> = fc.oneof(
  string.map((text): Message => ({ opcode: 1, payload: new TextEncoder().encode(text) })),
  octets.map((payload): Message => ({ opcode: 2, payload })),
);

const control: fc.Arbitrary<Frame> = fc.record({
  opcode: fc.constantFrom(9, 10),
  payload: fc.uint8Array({ maxLength: 125 }),
  key,
});

/** A message as one to five frames, with control frames between them; sometimes compressed. */
const frames: fc.Arbitrary<Frame[]> = fc.record({
  message,
  compressed: fc.nat(3).map((chance) => chance === 0),
  cuts: fc.array(fc.nat(300), { maxLength: 4 }),
  controls: fc.array(control, { maxLength: 2 }),
  key,
}).map(({ message: { opcode, payload }, compressed, cuts, controls, key }) => {
  const bytes = compressed ? cutTail(deflater.deflate(payload)) : payload;
  const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
  const parts = ends.map((to, index): Frame => ({
    opcode: index === 0 ? opcode : 0,
    rsv: index === 0 && compressed ? 4 : 0,
    fin: index === ends.length - 1,
    payload: bytes.subarray(ends[index - 1] ?? 0, to),
    key,
  }));
  return [parts[0]!, ...controls, ...parts.slice(1)];
});

/** A frame that is probably a violation. */
const last: fc.Arbitrary<Frame> = fc.record({
  opcode: fc.nat(15),
  rsv: fc.nat(7),
  fin: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 130 }),
  length: fc.oneof(fc.constantFrom(0, 125, 126, 65_536, 2 ** 40), fc.nat(300)),
  lengthBytes: fc.constantFrom(0, 2, 8),
  key,
});

/** Streams as the peer of a server (masked) or of a client sends them, with compression agreed. */
export function streams(masked: boolean): fc.Arbitrary<Uint8Array> {
  return fc.tuple(
    fc.array(frames, { maxLength: 5 }),
    fc.option(last, { freq: 2, nil: undefined }),
    fc.option(fc.tuple(fc.nat(2000), fc.nat(255)), { freq: 3, nil: undefined }),
  ).map(([messages, end, flipped]) => {
    const sent = [...messages.flat(), ...(end ? [end] : [])];
    const stream = join(...sent.map((frame) => encode(frame, masked)));
    if (flipped !== undefined && flipped[0] < stream.length) stream[flipped[0]]! ^= flipped[1];
    return stream;
  });
}
