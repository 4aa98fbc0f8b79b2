// Any sequence of what connections that share a slab are sent, and of what their streams take, comes out.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Connection, Connections } from "./connections.ts";
import { tick } from "./fake_stream.ts";

type Step =
  | {
    readonly kind: "small" | "large" | "parts" | "shared" | "long" | "binary";
    readonly size: number;
  }
  | { readonly kind: "ping" | "cork" | "uncork" | "tick" | "flood" }
  | { readonly kind: "room"; readonly room: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: sized("small", 0, 300) },
  { weight: 3, arbitrary: sized("binary", 0, 70_000) },
  { weight: 1, arbitrary: sized("large", 100_000, 300_000) },
  { weight: 1, arbitrary: sized("parts", 30_000, 300_000) },
  { weight: 4, arbitrary: sized("shared", 0, 500) },
  { weight: 1, arbitrary: sized("long", 15_000, 20_000) },
  {
    weight: 6,
    arbitrary: fc.constantFrom("ping", "cork", "uncork", "tick", "tick", "flood")
      .map((kind): Step => ({ kind })),
  },
  { weight: 1, arbitrary: sized("large", 65_536, 65_600) }, // leaves at once, from the slab
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, 0, 1, 100, 5000, 100_000, Infinity)
      .map((room): Step => ({ kind: "room", room })),
  },
);

function sized(
  kind: "small" | "large" | "parts" | "shared" | "long" | "binary",
  min: number,
  max: number,
): fc.Arbitrary<Step> {
  return fc.integer({ min, max }).map((size): Step => ({ kind, size }));
}

const steps = fc.array(fc.tuple(fc.nat(2), step), { maxLength: 60 });

/** Messages for all, by their length. */
const messages: Map<number, { data: string }> = new Map();

function messageOf(size: number): { data: string } {
  const known = messages.get(size);
  if (known !== undefined) return known;
  const made = { data: `${size}:`.padEnd(size, "shared").slice(0, size) };
  messages.set(size, made);
  return made;
}

async function play(
  it: Connection,
  next: Step,
  corked: Set<Connection>,
  letter: string,
): Promise<void> {
  switch (next.kind) {
    case "small":
    case "large":
      return it.text(letter.repeat(next.size));
    case "parts":
      return it.inParts(letter.repeat(next.size));
    case "binary":
      return it.binary(new Uint8Array(next.size).fill(letter.charCodeAt(0)));
    case "shared":
    case "long":
      return it.shared(messageOf(next.size));
    case "ping":
      return it.ping();
    case "flood":
      for (let i = 0; i < 50; i++) it.text(letter.repeat(100 * i));
      return;
    case "room":
      return it.stream.allow(next.room);
    case "cork":
      if (corked.size > 0) return; // one connection is read at a time
      corked.add(it);
      return it.writer.cork();
    case "uncork":
      for (const other of corked) other.writer.uncork();
      return corked.clear();
    case "tick": // nothing stays corked for longer
      for (const other of corked) other.writer.uncork();
      corked.clear();
      await tick();
  }
}

for (const copies of [false, true]) {
  test(`any sequence comes out in order, and no run is left, copied: ${copies}`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const all = new Connections();
        const three = ["a", "b", "c"].map((letter) => ({ letter, it: all.add(Infinity, copies) }));
        const corked: Set<Connection> = new Set();
        for (const [which, next] of steps) {
          const { it, letter } = three[which]!;
          await play(it, next, corked, letter);
          it.assertPrefix();
        }
        for (const other of corked) other.writer.uncork();
        await tick();
        for (const { it } of three) {
          it.stream.allow(Infinity);
          await tick();
          await tick();
          it.assertAll();
          assert.equal(it.writer.bufferedAmount, 0);
          assert.equal(it.writer.mostBuffered, 0);
        }
        await all.assertNoRuns();
      }),
      { numRuns: 300 },
    );
  });
}
