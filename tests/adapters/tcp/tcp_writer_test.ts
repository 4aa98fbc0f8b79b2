// Writing of a connection's frames: together, in order, and without a byte of others.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { FrameEncoder } from "../../../src/adapters/tcp/shared_frames.ts";
import { Slab } from "../../../src/adapters/tcp/slab.ts";
import { flushAll, TcpWriter } from "../../../src/adapters/tcp/tcp_writer.ts";
import { FrameBuffer } from "../../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../../src/protocol/frame_writer.ts";
import { FakeStream, tick } from "./fake_stream.ts";

const encoder = new FrameEncoder({ role: "server" });
const EMPTY = new Uint8Array(0);

/** Connections that share a slab. */
class Connections {
  readonly slab: Slab = new Slab(flushAll);
  readonly frames: FrameWriter = new FrameWriter({ role: "server" }, this.slab);

  /** Adds one. */
  add(room = Infinity, copies = false): Connection {
    return new Connection(this, room, copies);
  }

  /** Fails if a run is held: then what all-taking streams are given does not lead back to one offset. */
  async assertNoRuns(): Promise<void> {
    const one = this.add();
    one.text("?");
    await tick();
    const { end } = this.slab;
    one.text("?");
    await tick();
    assert.equal(this.slab.end, end);
    assert.ok(end <= 128 * 1024);
  }
}

/** A connection that knows what it has to send. */
class Connection {
  readonly stream: FakeStream;
  readonly writer: TcpWriter;
  readonly #frames: FrameWriter;
  readonly #wanted: FrameBuffer = new FrameBuffer();
  readonly #judge: FrameWriter = new FrameWriter({ role: "server" }, this.#wanted);
  drained = 0;

  constructor({ slab, frames }: Connections, room: number, copies: boolean) {
    this.stream = new FakeStream(room);
    this.#frames = frames;
    this.writer = new TcpWriter(this.stream.socket, slab, copies, () => void this.drained++);
  }

  text(text: string): void {
    this.#frames.text(text);
    this.#took();
    this.#judge.text(text);
  }

  binary(data: Uint8Array): void {
    this.#frames.binary(data);
    this.#took();
    this.#judge.binary(data);
  }

  ping(): void {
    this.#frames.ping(EMPTY);
    this.#took();
    this.#judge.ping(EMPTY);
  }

  shared(message: { data: string }): void {
    this.writer.takeShared(message, encoder);
    this.#judge.text(message.data);
  }

  #took(): void {
    this.writer.took();
  }

  /** Number of bytes that were sent. */
  get size(): number {
    return this.#wanted.end;
  }

  /** Fails if the system has other bytes than the first of those that were sent. */
  assertPrefix(): void {
    const got = this.stream.take();
    const { size } = this.stream;
    const wanted = this.#wanted.bytes.subarray(size - got.length, size);
    assert.ok(got.equals(wanted), "other bytes came out");
    const { writer } = this;
    const most = writer.mostBuffered, exact = writer.bufferedAmount;
    assert.equal(exact, this.size - size, "bufferedAmount");
    assert.ok(most >= exact, `mostBuffered ${most} is below ${exact}`);
  }

  /** Fails unless everything has come out. */
  assertAll(): void {
    this.assertPrefix();
    assert.equal(this.stream.size, this.size);
  }
}

test("frames of a tick are one piece, and so are those of a cork", async () => {
  const one = new Connections().add();
  one.text("a");
  one.text("b");
  one.ping();
  assert.equal(one.writer.bufferedAmount, 8);
  assert.deepEqual(one.stream.pieces, []);
  await tick();
  assert.deepEqual(one.stream.pieces, [8]);
  one.writer.cork();
  one.text("c");
  one.text("d");
  assert.deepEqual(one.stream.pieces, [8]);
  one.writer.uncork();
  assert.deepEqual(one.stream.pieces, [8, 6]);
  one.assertAll();
});

test("own, shared, long shared and large frames come in order", async () => {
  const all = new Connections();
  const [one, two] = [all.add(), all.add()];
  const shared = [1, 2, 3].map((it) => ({ data: `shared ${it}` }));
  const long = { data: "long".repeat(8000) };
  for (const it of [one, two]) {
    it.text("own");
    it.shared(shared[0]!);
    it.shared(shared[1]!);
    it.text("x".repeat(200_000));
    it.shared(long);
    it.shared(shared[2]!);
    it.ping();
    it.shared(long);
  }
  await tick();
  one.assertAll();
  two.assertAll();
  await all.assertNoRuns();
});

test("a listener that sends to others while its connection is read does not mix them up", async () => {
  const all = new Connections();
  const [one, two] = [all.add(), all.add()];
  one.writer.cork();
  for (let i = 0; i < 100; i++) {
    one.text(`one ${i}`);
    two.text(`two ${i}`);
    two.shared({ data: `both ${i}` });
    one.shared({ data: `both ${i}` });
  }
  one.writer.uncork();
  one.assertAll();
  assert.equal(two.stream.size, 0);
  await tick();
  two.assertAll();
  await all.assertNoRuns();
});

test("a tick that brings many leaves in pieces of about 64 KiB", async () => {
  const one = new Connections().add();
  for (let i = 0; i < 100; i++) one.text("x".repeat(998));
  await tick();
  assert.deepEqual(one.stream.pieces, [66 * 1002, 34 * 1002]);
});

test("frames around those that another connection has sent are not written over", async () => {
  for (const copies of [false, true]) {
    const all = new Connections();
    const [one, two] = [all.add(Infinity, copies), all.add(Infinity, copies)];
    one.text("before");
    two.writer.cork();
    two.text("x".repeat(70_000)); // long enough for those behind it to be far
    two.writer.uncork();
    for (let i = 0; i < 20; i++) one.text(`behind ${i}`);
    await tick();
    one.assertAll();
    two.assertAll();
    await all.assertNoRuns();
  }
});

test("a full slab sends everybody's frames before it goes on", async () => {
  const all = new Connections();
  const many = Array.from({ length: 20 }, () => all.add());
  for (let round = 0; round < 3; round++) {
    for (const [i, it] of many.entries()) it.binary(new Uint8Array(50_000).fill(i));
  }
  await tick();
  for (const it of many) it.assertAll();
  await all.assertNoRuns();
});

test("memory that a stream still has is not written to", async () => {
  const all = new Connections();
  const [slow, fast] = [all.add(10), all.add()];
  slow.text("slow".repeat(1000));
  await tick();
  for (let i = 0; i < 200; i++) {
    fast.text("fast".repeat(1000));
    await tick();
  }
  slow.stream.allow(Infinity);
  slow.assertAll();
  fast.assertAll();
});

test("what waits leaves when the stream has written, then the end", async () => {
  const one = new Connections().add(10);
  one.text("first".repeat(10));
  await tick();
  assert.ok(!one.writer.isWaiting);
  one.text("second");
  await tick();
  assert.ok(one.writer.isWaiting);
  one.text("third");
  one.writer.end();
  assert.ok(!one.stream.isEnded);
  one.assertPrefix();
  one.stream.allow(Infinity);
  await tick();
  assert.ok(one.stream.isEnded);
  one.assertAll();
  assert.equal(one.drained, 0);
});

test("the end comes at once if nothing waits, behind what was collected", () => {
  const one = new Connections().add();
  one.writer.cork();
  one.text("last");
  one.writer.end();
  one.writer.end();
  assert.ok(one.stream.isEnded);
  one.writer.uncork();
  one.assertAll();
});

test("drained is called when all that waited has left", async () => {
  const one = new Connections().add(1);
  one.text("a");
  await tick();
  one.text("b");
  await tick();
  assert.equal(one.drained, 0);
  one.stream.allow(Infinity);
  await tick();
  assert.equal(one.drained, 1);
  assert.equal(one.writer.mostBuffered, 0);
});

test("what the handshake has left in the stream is within mostBuffered", () => {
  const stream = new FakeStream(0);
  stream.write(Buffer.alloc(129));
  const writer = new TcpWriter(stream.socket, new Slab(flushAll), true, () => {});
  const { mostBuffered } = writer;
  assert.ok(mostBuffered >= writer.bufferedAmount);
});

test("readers that stop one after the other keep no slab each", async () => {
  const all = new Connections();
  const slow = Array.from({ length: 50 }, () => all.add());
  const fast = Array.from({ length: 1500 }, () => all.add());
  for (const it of slow) {
    it.stream.allow(0);
    for (const some of [fast.slice(0, 750), [it], fast.slice(750)]) {
      for (const other of some) other.text("x".repeat(150));
    }
    await tick();
  }
  const memories = new Set(slow.flatMap(({ stream }) => stream.memories));
  const kept = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = slow.reduce((sum, { writer }) => sum + writer.bufferedAmount, 0);
  assert.equal(bytes, 50 * 154);
  assert.ok(kept <= 2 * 256 * 1024, `${kept} bytes of memory for ${bytes}`);
  for (const it of slow) {
    it.stream.allow(Infinity);
    it.assertAll();
  }
});

// Random sequences.

type Step =
  | { readonly kind: "small" | "large" | "shared" | "long" | "binary"; readonly size: number }
  | { readonly kind: "ping" | "cork" | "uncork" | "tick" | "flood" }
  | { readonly kind: "room"; readonly room: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: sized("small", 0, 300) },
  { weight: 3, arbitrary: sized("binary", 0, 70_000) },
  { weight: 1, arbitrary: sized("large", 100_000, 300_000) },
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
  kind: "small" | "large" | "shared" | "long" | "binary",
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
