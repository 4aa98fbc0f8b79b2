// A receiver reports exactly what a writer of the other role has written, compressed or not.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CorpusName, windowOf } from "../../src/conformance/wire/corpus.ts";
import { FrameBuffer } from "../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../src/protocol/frame_writer.ts";
import { assertSame, eventsOf } from "./recording_sink.ts";
import { zlibDeflater, zlibInflater } from "./zlib_deflate.ts";

const PAIRS = [["client", "server"], ["server", "client"]] as const;

type Sent =
  | readonly ["text", string]
  | readonly ["binary" | "ping" | "pong", Uint8Array]
  | readonly ["close", number | undefined, string];

const string = fc.oneof(
  fc.string({ maxLength: 150 }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.constantFrom(41, 42, 125, 126, 30_000, 65_535, 65_536, 70_000).chain((length) =>
    fc.constantFrom("a", "é", "€", "a𝄞").map((unit) => unit.repeat(length).slice(0, length))
      .map((text) => text.toWellFormed())
  ),
);
const octets = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(65_535, 65_536, 70_000).map((size) => new Uint8Array(size).fill(3)),
);
const control = fc.uint8Array({ maxLength: 125 });

const sent: fc.Arbitrary<Sent> = fc.oneof(
  string.map((text): Sent => ["text", text]),
  octets.map((bytes): Sent => ["binary", bytes]),
  control.map((bytes): Sent => ["ping", bytes]),
  control.map((bytes): Sent => ["pong", bytes]),
);
const end: fc.Arbitrary<Sent> = fc.oneof(
  fc.constant<Sent>(["close", undefined, ""]),
  fc.tuple(
    fc.oneof(fc.integer({ min: 3000, max: 4999 }), fc.constantFrom(1000, 1003, 1007, 1014)),
    fc.string({ unit: "grapheme-composite", maxLength: 15 }),
  ).map(([code, reason]): Sent => ["close", code, reason]),
);

function write(writer: FrameWriter, sent: Sent): void {
  if (sent[0] === "close") writer.close(sent[1], sent[2]);
  else if (sent[0] === "text") writer.text(sent[1]);
  else writer[sent[0]](sent[1]);
}

for (const [from, to] of PAIRS) {
  for (const compressed of [false, true]) {
    test(`what a ${from} sends, a ${to} receives${compressed ? ", compressed" : ""}`, () => {
      const output = new FrameBuffer();
      const writer = new FrameWriter({
        role: from,
        deflater: compressed ? zlibDeflater() : undefined,
        threshold: 10,
      }, output);
      const options = { role: to, inflater: compressed ? zlibInflater : undefined };
      fc.assert(
        fc.property(fc.array(sent, { maxLength: 6 }), end, (messages, close) => {
          const all = [...messages, close];
          for (const one of all) write(writer, one);
          const expected = all.map((one) =>
            one[0] === "close" && one[1] === undefined ? ["close", 1005, ""] : one
          );
          const stream = output.take();
          assertSame(eventsOf(options, stream), expected);
          assertSame(eventsOf(options, output.take()), []);
        }),
        { numRuns: 150 },
      );
    });
  }
}

test("the judge's corpora come through in both directions, plain and compressed", () => {
  for (const [from, to] of PAIRS) {
    for (const inflater of [undefined, zlibInflater]) {
      const output = new FrameBuffer();
      const deflater = inflater && zlibDeflater(11);
      const writer = new FrameWriter({ role: from, deflater }, output);
      for (const name of ["json", "html", "prose", "bitmap", "packed"] satisfies CorpusName[]) {
        for (const size of [16, 1000, 5000, 70_000]) {
          const bytes = windowOf(name, size, 1).slice();
          writer.binary(bytes);
          const stream = output.take();
          if (deflater && size > 1024) assert.ok(stream.length < size, `${name} gets shorter`);
          const events = eventsOf({ role: to, inflater }, stream, [1, 300, 4097]);
          assertSame(events, [["binary", bytes]]);
          if (name === "bitmap" || name === "packed" || name === "prose") continue;
          const text = new TextDecoder().decode(bytes);
          writer.text(text);
          assertSame(eventsOf({ role: to, inflater }, output.take()), [["text", text]]);
        }
      }
    }
  }
});
