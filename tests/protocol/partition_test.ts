// Any partition of a stream gives the same events as the whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Role } from "../../src/protocol/frame_head.ts";
import { Receiver } from "../../src/protocol/receiver.ts";
import type { ReceiverOptions } from "../../src/protocol/receiver_options.ts";
import { allocateUnmaskMemory } from "../../src/protocol/unmask_wasm.ts";
import { assertSame, eventsOf, everyCut, receiveCut, RecordingSink } from "./recording_sink.ts";
import { streams } from "./streams.ts";
import { zlibInflater } from "./zlib_deflate.ts";

const ROLES: readonly Role[] = ["server", "client"];

const OPTIONS = { maxPayload: 100_000, inflater: zlibInflater };

const cuts = fc.array(fc.oneof(fc.nat(60), fc.nat(3000)), { maxLength: 8 });

for (const role of ROLES) {
  test(`any partition gives a ${role} the same events as the whole`, () => {
    const { bytes, unmask } = allocateUnmaskMemory(524_288);
    fc.assert(
      fc.property(streams(role === "server"), cuts, (stream, cuts) => {
        const options: ReceiverOptions = { role, ...OPTIONS };
        const whole = eventsOf(options, stream);
        assertSame(eventsOf(options, stream, cuts), whole);
        assertSame(eventsOf({ ...options, unmask }, stream, cuts, bytes), whole);
      }),
      { numRuns: 500 },
    );
  });

  test(`octet by octet, a ${role} gets the same events as of the whole`, () => {
    fc.assert(
      fc.property(
        streams(role === "server").filter((stream) => stream.length < 5000),
        fc.integer({ min: 1, max: 4 }),
        (stream, size) => {
          const options: ReceiverOptions = { role, ...OPTIONS };
          const cuts = everyCut(stream.length, size);
          assertSame(eventsOf(options, stream, cuts), eventsOf(options, stream));
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`no octets make a ${role} throw, or report anything after its end`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (noise, cuts) => {
        // Without this, most fail at their first octet.
        if (noise.length > 1) {
          noise[0] = noise[0]! & 0x8f;
          noise[1] = role === "server" ? noise[1]! | 0x80 : noise[1]! & 0x7f;
        }
        const events = eventsOf({ role, ...OPTIONS }, noise, cuts);
        const end = events.findIndex(([name]) => name === "close" || name === "fail");
        assert.ok(end < 0 || end === events.length - 1);
      }),
      { numRuns: 1000 },
    );
  });
}

test("two connections that take turns in one memory never see each other's octets", () => {
  const memory = new Uint8Array(131_072);
  const options: ReceiverOptions = { role: "server", ...OPTIONS };
  const pieces = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(streams(true), streams(true), pieces, (one, two, sizes) => {
      const connections = [one, two].map((stream) => {
        const sink = new RecordingSink();
        return { stream, sink, receiver: new Receiver(options, sink), at: 0 };
      });
      for (let turn = 0; connections.some(({ at, stream }) => at < stream.length); turn++) {
        const next = connections[turn % 2]!;
        const end = Math.min(next.stream.length, next.at + sizes[turn % sizes.length]!);
        if (end > next.at) {
          receiveCut(next.receiver, next.stream.subarray(next.at, end), [], memory);
        }
        next.at = end;
      }
      for (const { stream, sink } of connections) {
        assertSame(sink.events, eventsOf(options, stream));
      }
    }),
    { numRuns: 150 },
  );
});
