// Compression by zlib: with and without context takeover, all windows, faults and bombs.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { createDeflation, type Deflation } from "../../../src/adapters/tcp/deflate.ts";
import { Inflation } from "../../../src/adapters/tcp/inflation.ts";
import {
  canDeflateWithContext,
  createDeflater,
  MAX_DEFLATED,
} from "../../../src/adapters/tcp/zlib_deflater.ts";
import { ZlibInflater } from "../../../src/adapters/tcp/zlib_inflater.ts";
import { longestDistance } from "../../../src/conformance/wire/deflate_distance.ts";
import { hex } from "../../../src/conformance/wire/frame.ts";
import { cutTail, type Inflated } from "../../../src/protocol/deflate_framing.ts";
import { FrameBuffer } from "../../../src/protocol/frame_target.ts";
import { FrameWriter } from "../../../src/protocol/frame_writer.ts";
import { Receiver } from "../../../src/protocol/receiver.ts";
import {
  assertSame,
  assertSamePayload,
  join,
  RecordingSink,
} from "../../protocol/recording_sink.ts";
import { runtime } from "../../runtime.ts";
import { noise as seededNoise } from "../../server/deflating_peer.ts";
import { StreamingPeer } from "./streaming_peer.ts";

const TAIL = hex("0000ffff");
const MEBIBYTE = 1024 * 1024;
const noise = (length: number, seed = 9): Uint8Array => seededNoise(length, seed);

/** Sizes of windows. */
const windowBits = fc.integer({ min: 9, max: 15 });

const words = fc.constantFrom("socket", "frame", '{"id":', "true", "\u00e9", ", ");

/** A message that repeats itself and others, or not, of any length up to three windows. */
const message = fc.oneof(
  fc.array(words, { maxLength: 200 }).map((all) => new TextEncoder().encode(all.join(""))),
  fc.uint8Array({ maxLength: 700 }),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 600 }), fc.integer({ min: 2, max: 160 }))
    .map(([part, times]) => join(...new Array<Uint8Array>(times).fill(part))),
);
const messages = fc.array(message, { minLength: 1, maxLength: 8 });

/** Inflates one message, now or later. The outcome is copied: Node's Buffers differ from others. */
function inflated(
  inflater: (done: (outcome: Inflated) => void) => ZlibInflater,
  payload: Uint8Array,
  maxLength = 100 * MEBIBYTE,
): Promise<Inflated> {
  return new Promise((resolve) => {
    const done = (outcome: Inflated): void =>
      resolve(typeof outcome === "string" ? outcome : new Uint8Array(outcome));
    const deflated = join(payload, TAIL) as Uint8Array<ArrayBuffer>;
    const outcome = inflater(done).inflate(deflated, maxLength);
    if (outcome !== "pending") done(outcome);
  });
}

/** Inflates one message alone. */
function alone(payload: Uint8Array, maxLength?: number): Promise<Inflated> {
  return inflated((done) => new ZlibInflater(undefined, done), payload, maxLength);
}

/** An inflater with context. Its messages come one after another. */
class Reader {
  readonly #inflater: ZlibInflater;
  #done: (outcome: Inflated) => void = () => assert.fail("nobody waits");

  constructor(windowBits: number) {
    this.#inflater = new ZlibInflater(windowBits, (outcome) => this.#done(outcome));
  }

  read(payload: Uint8Array): Promise<Inflated> {
    return inflated((done) => {
      this.#done = done;
      return this.#inflater;
    }, payload);
  }
}

test("the examples of RFC 7692, 7.2.3, and blocks that are marked as the last, are inflated", async () => {
  const examples: [digits: string, text: string][] = [
    ["f248cdc9c90700", "Hello"],
    ["000500faff48656c6c6f00", "Hello"],
    ["f348cdc9c9070000", "Hello"],
    ["f248050000 00ffff cac9c90700", "Hello"],
    ["f348cdc9c90700 f348cdc9c9070000", "HelloHello"], // two are marked
    ["f348cdc9c90700 f348cdc9c90700", "HelloHello"], // and no empty block comes behind
    ["f348cdc9c90700 02130000", "HelloHello"], // what comes behind one refers to what was before
    ["f248cdc9c907000000ffff00", "Hello"], // two flushes
    ["00", ""],
    ["0200", ""],
    ["0300", ""],
    ["", ""],
  ];
  for (const [digits, text] of examples) {
    const outcome = await alone(hex(digits));
    assert.ok(typeof outcome !== "string", `${digits} is ${outcome}`);
    assert.equal(new TextDecoder().decode(outcome), text, digits);
  }
});

test("what is no deflate stream is malformed, and so is one that ends inside of a block", async () => {
  const broken = ["07", "02020000", "000500ffff48656c6c6f", "ffd3a1577e09c2b4", "f348cdc9c9070007"];
  for (const digits of broken) assert.equal(await alone(hex(digits)), "malformed", digits);
  const whole = cutTail(
    createDeflater(false, 15).deflate(new TextEncoder().encode("To be or not"))!,
  );
  for (let length = 1; length < whole.length - 1; length++) {
    assert.equal(await alone(whole.subarray(0, length)), "malformed", `cut at ${length}`);
  }
  const long = cutTail(createDeflater(false, 15).deflate(noise(90_000))!);
  assert.equal(await alone(long.subarray(0, 80_000)), "malformed");
});

test("blocks that are marked as the last are counted: each takes a call", async () => {
  const flood = (length: number): Uint8Array => hex("0300".repeat(length));
  assert.equal((await alone(join(flood(16), hex("00")))).length, 0);
  assert.equal(await alone(flood(18)), "malformed");
  const start = performance.now();
  assert.equal(await alone(flood(32_000)), "malformed");
  assert.equal(await alone(flood(100_000)), "malformed");
  assert.ok(performance.now() - start < 2000);
  // A message of honest length may have many.
  const part = deflateRawSync(noise(20_000)); // with BFINAL
  const parts = new Array<Uint8Array>(50).fill(part);
  const outcome = await alone(join(...parts, hex("00")));
  assert.equal(outcome.length, 1_000_000);
});

test("what follows a block that is marked as the last is not copied for each of them", async () => {
  const rest = deflateRawSync(noise(15 * MEBIBYTE), {
    level: 0,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const payload = join(hex("4b0400".repeat(940)), cutTail(rest)); // "a", with BFINAL
  const start = performance.now();
  const outcome = await alone(payload);
  assert.ok(performance.now() - start < 2500);
  assert.equal(outcome.length, 15 * MEBIBYTE + 940);
});

test("blocks that are marked as the last may have any length", async () => {
  const messages = [1, 65_000, 66_000, 300_000, 7, 1_200_000, 262_144].map(noise);
  const parts = messages.map((message) => deflateRawSync(message)); // with BFINAL
  assertSamePayload(await alone(join(...parts, hex("00"))) as Uint8Array, join(...messages));
  assertSamePayload(await alone(join(...parts)) as Uint8Array, join(...messages));
  const cut = join(...parts.slice(0, -1), parts.at(-1)!.subarray(0, 200_000));
  assert.equal(await alone(cut), "malformed");
});

test("any messages in any window come through alone", async () => {
  await fc.assert(
    fc.asyncProperty(messages, windowBits, async (messages, windowBits) => {
      const deflater = createDeflater(false, windowBits);
      assert.equal(deflater.contextTakeover, undefined);
      for (const message of messages) {
        const payload = cutTail(deflater.deflate(message)!);
        assert.ok(longestDistance(payload) <= 2 ** windowBits);
        assertSamePayload(await alone(payload) as Uint8Array, message);
      }
    }),
    { numRuns: 100 },
  );
});

test("with context, a peer with streams of zlib reads any messages in any window", async () => {
  await fc.assert(
    fc.asyncProperty(messages, windowBits, async (messages, windowBits) => {
      const peer = new StreamingPeer(15, windowBits);
      const deflater = createDeflater(true, windowBits);
      for (const message of messages) {
        const payload = cutTail(deflater.deflate(message)!);
        assertSamePayload(await peer.inflate(payload), message);
      }
      peer.close();
    }),
    { numRuns: 60 },
  );
});

test("with context, any messages of a peer with streams of zlib are read", async () => {
  await fc.assert(
    fc.asyncProperty(messages, windowBits, async (messages, windowBits) => {
      const peer = new StreamingPeer(windowBits, 15);
      const reader = new Reader(windowBits);
      for (const message of messages) {
        const outcome = await reader.read(await peer.deflate(message));
        assertSamePayload(outcome as Uint8Array, message);
      }
      peer.close();
    }),
    { numRuns: 60 },
  );
});

test("context reaches as far as the window, past long messages and asynchronous ones", async () => {
  const far = noise(2 ** 15 - 600);
  for (
    const messages of [
      [noise(300, 3), far, noise(300, 3)],
      [noise(150_000, 5), noise(150_000, 5).slice(-20_000), noise(10, 1), far.slice(0, 500)],
      [new Uint8Array(3 * MEBIBYTE).fill(7), noise(500, 4), noise(500, 4)],
    ]
  ) {
    const peer = new StreamingPeer(15, 15);
    const reader = new Reader(15);
    for (const message of messages) {
      assertSamePayload(await reader.read(await peer.deflate(message)) as Uint8Array, message);
    }
    peer.close();
  }
});

test("context makes messages shorter that resemble each other, but not on Deno", () => {
  assert.equal(canDeflateWithContext(), runtime !== "deno"); // zlib's dictionary is ignored there
  const deflater = createDeflater(true, 15);
  const message = noise(1000);
  const lengths = [1, 2, 3].map(() => deflater.deflate(message)!.length);
  assert.ok(lengths[0]! >= 1000);
  if (runtime === "deno") assert.ok(lengths[2]! >= 1000);
  else assert.ok(lengths[1]! < 50 && lengths[2]! < 50, String(lengths));
  deflater.deflate(noise(4096, 2)); // all that is kept
  assert.ok(deflater.deflate(message)!.length >= 1000);
});

test("without context, all connections share a compressor", () => {
  const terms = {
    serverContextTakeover: false,
    clientContextTakeover: false,
    serverWindowBits: 15,
    clientWindowBits: 12,
  };
  const [one, two] = [0, 1].map(() => createDeflation("server", terms, () => {}));
  assert.equal(one!.deflater, two!.deflater);
  assert.equal(one!.deflater, createDeflater(false, 15));
  assert.equal(createDeflation("client", terms, () => {}).deflater, createDeflater(false, 12));
  for (const role of ["server", "client"] as const) {
    const { deflater } = createDeflation(role, { ...terms, serverContextTakeover: true }, () => {});
    const keeps = role === "server" && canDeflateWithContext();
    assert.equal(deflater.contextTakeover, keeps || undefined);
  }
});

/** An end of a connection, which reads what it is given to the end. */
class End {
  readonly sink = new RecordingSink();
  readonly #output = new FrameBuffer();
  readonly #receiver: Receiver;
  readonly writer: FrameWriter;
  #resume = (): void => {};

  constructor(role: "client" | "server", terms: Parameters<typeof createDeflation>[1]) {
    const deflation: Deflation = createDeflation(role, terms, (outcome) => {
      this.#receiver.inflated(outcome);
      this.#resume();
    });
    this.writer = new FrameWriter(
      { role, deflater: deflation.deflater, threshold: 50 },
      this.#output,
    );
    this.#receiver = new Receiver({ role, inflater: deflation.inflater }, this.sink);
  }

  take(): Uint8Array {
    return this.#output.take();
  }

  async read(stream: Uint8Array): Promise<void> {
    let at = 0;
    while ((at = this.#receiver.receive(stream, at)) < stream.length || this.#receiver.inflating) {
      await new Promise<void>((resolve) => this.#resume = resolve);
    }
  }
}

test("what one end sends, the other receives, on any terms", async () => {
  const terms = fc.record({
    serverContextTakeover: fc.boolean(),
    clientContextTakeover: fc.boolean(),
    serverWindowBits: windowBits,
    clientWindowBits: windowBits,
  });
  const long = fc.integer({ min: 65_000, max: MAX_DEFLATED + 5000 }).map((size) => noise(size));
  const some = fc.array(
    fc.oneof({ weight: 9, arbitrary: message }, { weight: 1, arbitrary: long }),
    {
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(terms, some, some, async (terms, fromServer, fromClient) => {
      const server = new End("server", terms), client = new End("client", terms);
      for (
        const [from, to, all] of [[server, client, fromServer], [
          client,
          server,
          fromClient,
        ]] as const
      ) {
        for (const one of all) from.writer.binary(one);
        await to.read(from.take());
        assertSame(to.sink.events, all.map((one) => ["binary", one]));
      }
    }),
    { numRuns: 50 },
  );
});

test("a message that is too long to be compressed at once is sent as it is, with context or not", () => {
  for (const context of [false, true]) {
    const deflater = createDeflater(context, 15);
    assert.equal(deflater.deflate(new Uint8Array(MAX_DEFLATED + 1)), undefined);
    assert.ok(deflater.deflate(new Uint8Array(MAX_DEFLATED))!.length < 10_000);
  }
});

test("what is long is inflated on another thread, compressed or not", () => {
  const outcomes: Inflated[] = [];
  const inflater = new ZlibInflater(undefined, (outcome) => outcomes.push(outcome));
  const deflate = (message: Uint8Array): Uint8Array<ArrayBuffer> =>
    new Uint8Array(deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }));
  assert.equal(inflater.inflate(deflate(new Uint8Array(MEBIBYTE)), 1e9).length, MEBIBYTE);
  assert.equal(inflater.inflate(deflate(new Uint8Array(MEBIBYTE + 1)), 1e9), "pending");
  assert.equal(inflater.inflate(deflate(noise(65_000)), 1e9).length, 65_000);
  assert.equal(inflater.inflate(deflate(noise(66_000)), 1e9), "pending");
  const zeros = deflateRawSync(new Uint8Array(700_000)); // with BFINAL
  assert.equal(inflater.inflate(new Uint8Array(join(zeros, hex("00"), TAIL)), 1e9).length, 700_000);
  assert.equal(
    inflater.inflate(new Uint8Array(join(zeros, zeros, hex("00"), TAIL)), 1e9),
    "pending",
  );
  assert.deepEqual(outcomes, []); // in a task of its own
});

test("a message of exactly the limit is inflated, and one octet more is too long", async () => {
  for (const length of [0, 1, 1000, 70_000, MEBIBYTE + 3]) {
    for (const message of [noise(length), new Uint8Array(length)]) {
      const stream = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH });
      const payload = cutTail(stream);
      for (const max of [length, length + 1, Infinity, Number.MAX_SAFE_INTEGER]) {
        assertSamePayload(await alone(payload, max) as Uint8Array, message);
      }
      for (const max of [0, length - 1]) {
        if (max >= 0 && max < length) assert.equal(await alone(payload, max), "too-long");
      }
      const twice = join(deflateRawSync(message), deflateRawSync(message), hex("00"));
      if (length > 0) assert.equal(await alone(twice, 2 * length - 1), "too-long");
      assert.equal((await alone(twice, 2 * length)).length, 2 * length);
    }
  }
  const reader = new ZlibInflater(15, () => {});
  const large = deflateRawSync(noise(5000), { finishFlush: constants.Z_SYNC_FLUSH });
  assert.equal(reader.inflate(new Uint8Array(large), 5000).length, 5000);
  assert.equal(reader.inflate(new Uint8Array(large), 4999), "too-long"); // the window does not count
  assert.equal(reader.inflate(new Uint8Array(large), 5000).length, 5000);
});

test("a bomb takes no more memory than the limit", async () => {
  const unit = deflateRawSync(new Uint8Array(65_536), { finishFlush: constants.Z_FULL_FLUSH });
  for (const mebibytes of [50, 1024]) { // 52 KiB at once, 1 MiB on another thread
    const bomb = join(...new Array<Uint8Array>(mebibytes * 16).fill(unit), hex("00"));
    const before = process.memoryUsage().rss;
    assert.equal(await alone(bomb, MEBIBYTE), "too-long");
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 40 * MEBIBYTE, `${grown} bytes more`);
  }
  const short = join(...new Array<Uint8Array>(800).fill(unit), hex("00"));
  assert.equal(new Inflation(join(short, TAIL), 1e9, new Uint8Array(0)).run(MEBIBYTE), undefined);
});
