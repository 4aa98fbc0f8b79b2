// A link over TCP: what it reports, once, however the connection ends.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { after, afterEach, test } from "node:test";
import type { LinkEvents } from "../../../src/core/link.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { plainFraming } from "../../../src/adapters/tcp/framing.ts";
import { TcpLink, type TcpLinkOptions } from "../../../src/adapters/tcp/tcp_link.ts";
import {
  close,
  decode,
  encode,
  type Frame,
  ping,
  text,
} from "../../../src/testing/contract/frame.ts";
import { runtime } from "../../runtime.ts";
import { removePaths } from "../../server/places.ts";
import {
  closeAll,
  connectUpgraded,
  type Ends,
  hideSharing,
  type Transport,
  TRANSPORTS,
  until,
} from "./upgraded.ts";

afterEach(closeAll);
after(removePaths);

const EMPTY = new Uint8Array(0);

/** Records what a link reports. */
class Recorder implements LinkEvents {
  readonly all: string[] = [];
  onMessage: ((data: string | ArrayBuffer) => void) | undefined;

  opened(): void {}

  received(data: string | ArrayBuffer): void {
    const text = typeof data === "string" ? data : `${data.byteLength} bytes`;
    this.all.push(text.length > 50 ? `${text.length} characters` : text);
    this.onMessage?.(data);
  }

  heard(): void {}

  closing(): void {}

  closed(code: number, reason: string): void {
    this.all.push(`closed ${code} ${reason}`);
  }

  failed(cause?: unknown): void {
    this.all.push(`failed ${(cause as Error | undefined)?.message ?? ""}`.trim());
  }

  /** What ended the connection. */
  get ends(): string[] {
    return this.all.filter((it) => /^(closed|failed)/.test(it));
  }
}

/** A link, and the peer's end. */
class Linked {
  readonly events: Recorder = new Recorder();
  readonly errors: unknown[] = [];
  readonly link: TcpLink;
  /** Frames that the peer has read, in words. */
  readonly frames: string[] = [];
  readonly #ends: Ends;
  /** What the peer has read of a frame, and how many bytes it needs before it is decoded. */
  #pieces: Buffer[] = [];
  #have = 0;
  #need = 2;
  /** Whether this end has ended. */
  isEnded = false;

  constructor(ends: Ends, options: Partial<TcpLinkOptions>, clings: boolean) {
    this.#ends = ends;
    this.link = new TcpLink(
      ends.server,
      this.events,
      {
        role: "server",
        maxPayload: 1_000_000,
        closeTimeout: 5000,
        clock: systemClock,
        onError: (error) => void this.errors.push(error),
        ...options,
      },
      plainFraming,
    );
    ends.client.on("data", (chunk: Buffer) => this.#read(chunk));
    ends.client.on("end", () => {
      this.isEnded = true;
      if (!clings) ends.client.end();
    });
  }

  /** The peer's end. */
  get client(): Socket {
    return this.#ends.client;
  }

  /** The link's end. */
  get server(): Socket {
    return this.#ends.server;
  }

  /** Sends frames, in one write. */
  send(...frames: Frame[]): void {
    this.client.write(Buffer.concat(frames.map((it) => encode(it, true))));
  }

  #read(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return;
    let rest = new Uint8Array(Buffer.concat(this.#pieces));
    for (let next = decode(rest); next !== undefined; next = decode(rest)) {
      const { frame: { opcode, payload }, length } = next;
      const isLong = payload.length > 125;
      const words = isLong ? `${payload.length} bytes` : Buffer.from(payload).toString("latin1");
      this.frames.push(`${opcode}:${words}`);
      rest = rest.subarray(length);
    }
    this.#pieces = [Buffer.from(rest)];
    this.#have = rest.length;
    const isHuge = rest.length >= 10 && rest[1] === 127;
    this.#need = isHuge
      ? 10 + Number(new DataView(rest.buffer, rest.byteOffset).getBigUint64(2))
      : 2;
  }
}

interface Init extends Partial<TcpLinkOptions> {
  readonly transport?: Transport;
  readonly isShared?: boolean;
  /** Whether the peer reads from the beginning. */
  readonly isReading?: boolean;
  /** Whether the peer keeps its side of TCP open when this end has ended. */
  readonly clings?: boolean;
  readonly prepare?: (linked: Linked) => void;
}

async function linked(
  { transport = "TCP", isShared = true, isReading = true, clings = false, prepare, ...options }:
    Init = {},
): Promise<Linked> {
  const ends = await connectUpgraded(transport);
  if (!isShared) hideSharing(ends.server);
  const it = new Linked(ends, options, clings);
  if (isReading) ends.client.resume();
  prepare?.(it);
  it.link.start(ends.head);
  return it;
}

/** Time for what must not happen. */
function pause(milliseconds = 40): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const WAYS: readonly [string, Init][] = TRANSPORTS.flatMap((transport) =>
  (runtime === "bun" ? [false] : [true, false]).map((isShared): [string, Init] => [
    `${transport}, ${isShared ? "shared memory" : "data events"}`,
    { transport, isShared },
  ])
);

for (const [way, init] of WAYS) {
  test(`messages, Pings and the closing handshake: ${way}`, async () => {
    const it = await linked(init);
    it.events.onMessage = (data) => it.link.send(data as string);
    it.send(text("one"), ping("?"), text("x".repeat(70_000)), text("two"));
    await until(() => it.frames.length === 4, "four frames");
    assert.deepEqual(it.frames, ["1:one", "10:?", "1:70000 bytes", "1:two"]);
    it.send(close(4001, "bye"), text("late"));
    await until(() => it.events.ends.length > 0, "the end");
    assert.deepEqual(it.events.all, ["one", "70000 characters", "two", "closed 4001 bye"]);
    assert.equal(it.frames.at(-1), "8:\x0f\xa1bye");
    assert.equal(it.link.bufferedAmount, 0);
  });

  test(`a peer that ends its side without Close gets what is sent, and one failure: ${way}`, async () => {
    const it = await linked(init);
    it.events.onMessage = (data) => it.link.send(data as string);
    it.client.end(encode(text("last"), true));
    await until(() => it.events.ends.length > 0, "the end");
    assert.deepEqual(it.events.all, ["last", "failed"]);
    await until(() => it.frames.length > 0, "the echo"); // the peer may read it later
    assert.deepEqual(it.frames, ["1:last"]);
  });

  test(`terminate() inside a listener ends all at once: ${way}`, async () => {
    const it = await linked(init);
    it.events.onMessage = () => {
      it.link.send("not before the end");
      it.link.terminate();
    };
    it.send(text("one"), text("two"), close(1000));
    await until(() => it.events.ends.length > 0, "the end");
    await pause();
    assert.deepEqual(it.events.all, ["one", "failed"]);
  });

  test(`a violation is told, once, and fails the connection: ${way}`, async () => {
    const it = await linked(init);
    it.send(text("one"), { opcode: 3, payload: EMPTY }, text("two"));
    await until(() => it.isEnded, "the end");
    assert.equal(it.frames.length, 1);
    assert.ok(it.frames[0]!.startsWith("8:\x03\xea")); // 1002
    await until(() => it.events.ends.length > 0, "the report");
    it.client.destroy();
    await pause();
    assert.equal(it.events.all[0], "one");
    assert.equal(it.events.all.length, 2);
    assert.deepEqual(it.errors, []);
  });

  test(`a fault of this end is 1011, one failure and one error: ${way}`, async () => {
    const it = await linked(init);
    it.events.onMessage = () => {
      throw new Error("a fault");
    };
    it.send(text("one"), text("two"));
    await until(() => it.isEnded, "the end");
    assert.deepEqual(it.frames, ["8:\x03\xf3"]);
    it.client.destroy();
    await pause();
    assert.deepEqual(it.events.all, ["one", "failed a fault"]);
    assert.equal(it.errors.length, 1);
  });

  test(`Close comes behind what waits, and then the end: ${way}`, async () => {
    const it = await linked({ ...init, isReading: false });
    const size = 9_000_000;
    it.link.send("x".repeat(size));
    await pause();
    for (let i = 0; i < 100; i++) it.link.send(`${i}`);
    await pause();
    // Deno's client reads ahead over TLS, though it is paused.
    const mayBeRead = runtime === "deno" && init.transport === "TLS";
    assert.ok(it.link.bufferedAmount > 0 || mayBeRead, "the peer does not read");
    assert.ok(it.link.mostBuffered >= it.link.bufferedAmount);
    it.send(close(1000));
    await pause();
    it.client.resume();
    // Deno's TLS client, once it was paused, may not emit `end`: so that is not waited for.
    await until(() => it.frames.length === 102, "all of it");
    await until(() => it.server.writableFinished, "the end");
    const { frames } = it;
    assert.equal(frames.length, 102);
    assert.deepEqual(frames.slice(1), [
      ...Array.from({ length: 100 }, (_, i) => `1:${i}`),
      "8:\x03\xe8",
    ]);
    await until(() => it.events.ends.length > 0, "the report");
    assert.deepEqual(it.events.ends, ["closed 1000"].map((end) => `${end} `));
  });

  test(`a Ping is answered behind a message that the peer does not read yet: ${way}`, async () => {
    const it = await linked({ ...init, isReading: false });
    it.link.send("x".repeat(9_000_000));
    await pause();
    const mayBeRead = runtime === "deno" && init.transport === "TLS";
    assert.ok(it.link.bufferedAmount > 100_000 || mayBeRead, "the peer does not read");
    it.send(ping("first"));
    await pause();
    it.client.resume();
    await until(() => it.frames.length === 2, "the Pong");
    assert.equal(it.frames[1], "10:first");
  });
}

test("of many Pings that wait, the latest is answered", async () => {
  const it = await linked({ isReading: false });
  it.link.send("x".repeat(9_000_000));
  await pause();
  const before = it.link.bufferedAmount;
  for (let i = 0; i < 500; i++) {
    it.send(...Array.from({ length: 20 }, (_, k) => ping(`${i}.${k}`.padEnd(125))));
  }
  it.send(text("asked"));
  await until(() => it.events.all.length > 0, "all of them are read");
  const more = it.link.bufferedAmount - before;
  assert.ok(more < 400_000, `${more} bytes of answers`);
  it.client.resume();
  await until(() => it.frames.at(-1)?.startsWith("10:499.19") === true, "the latest");
});

test("a peer that never answers Close is dropped, and one that never ends TCP, too", async () => {
  const silent = await linked({ closeTimeout: 50 });
  silent.link.close(1001, "away");
  await until(() => silent.events.ends.length > 0, "it is dropped");
  assert.deepEqual(silent.events.all, ["failed"]);
  assert.deepEqual(silent.frames, ["8:\x03\xe9away"]);
  assert.ok(silent.server.destroyed);

  const clinging = await linked({ closeTimeout: 50, clings: true });
  clinging.link.close(1001);
  await until(() => clinging.frames.length === 1, "the Close frame");
  clinging.send(close(1001));
  await until(() => clinging.isEnded, "this end");
  await until(() => clinging.events.ends.length > 0, "it is dropped");
  assert.deepEqual(clinging.events.all, ["closed 1001 "]);
  await until(() => clinging.server.destroyed, "it is destroyed");
});

test("a peer that fails and never ends TCP is dropped, also without closeTimeout", async () => {
  const timers: [number, () => void][] = [];
  const clock = {
    now: () => 0,
    after: (milliseconds: number, callback: () => void) => {
      timers.push([milliseconds, callback]);
      return () => {};
    },
  };
  const it = await linked({ closeTimeout: 0, clock, clings: true });
  it.send({ opcode: 3, payload: EMPTY });
  await until(() => it.isEnded, "the end");
  assert.equal(it.server.destroyed, false);
  assert.deepEqual(timers.map(([milliseconds]) => milliseconds), [10_000]);
  timers[0]![1]();
  assert.equal(it.server.destroyed, true);
  assert.equal(it.events.ends.length, 1);
});

test("errors of the stream after the end are nobody's", async () => {
  const it = await linked();
  it.send(close(1000));
  await until(() => it.events.ends.length > 0, "the report");
  it.server.emit("error", new Error("late"));
  it.server.emit("close");
  await pause();
  assert.deepEqual(it.events.all, ["closed 1000 "]);
});

test("an error of the stream is the cause of the failure", async () => {
  const it = await linked();
  it.server.destroy(new Error("broken"));
  await until(() => it.events.ends.length > 0, "the report");
  assert.deepEqual(it.events.all, ["failed broken"]);
});

test("a stream that is destroyed before it is read is reported", async () => {
  const it = await linked({ prepare: ({ server }) => void server.destroy() });
  await until(() => it.events.ends.length > 0, "the report");
  assert.deepEqual(it.events.all, ["failed"]);
});

test("what is sent behind Close is counted, and not sent", async () => {
  const it = await linked();
  it.link.close(1000);
  it.link.send("é€");
  it.link.send(new Uint8Array(3));
  it.link.sendShared({ data: "x" });
  it.link.ping();
  await until(() => it.frames.length > 0, "the Close frame");
  await pause();
  assert.deepEqual(it.frames, ["8:\x03\xe8"]);
  assert.equal(it.link.bufferedAmount, 5 + 3 + 1);
  assert.ok(it.link.mostBuffered >= 9);
});

test("messages of listeners to others do not wait for the chunk's end, nor mix with it", async () => {
  const one = await linked();
  const two = await linked();
  one.events.onMessage = (data) => {
    two.link.send(`two ${data}`);
    const shared = { data: `both ${data}` };
    two.link.sendShared(shared);
    one.link.sendShared(shared);
    one.link.send(`one ${data}`);
  };
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  one.send(...numbers.map((i) => text(`${i}`)));
  await until(() => one.frames.length === 400 && two.frames.length === 400, "all");
  assert.deepEqual(one.frames, numbers.flatMap((i) => [`1:both ${i}`, `1:one ${i}`]));
  assert.deepEqual(two.frames, numbers.flatMap((i) => [`1:two ${i}`, `1:both ${i}`]));
});

/** Returns a link over a stream that is no socket, and what the stream is given. */
function linkedDuplex(): { stream: Duplex; given: Uint8Array[]; events: Recorder; link: TcpLink } {
  const events = new Recorder();
  const given: Uint8Array[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, callback) {
      given.push(chunk);
      callback();
    },
  });
  const options: TcpLinkOptions = {
    role: "server",
    maxPayload: 1000,
    closeTimeout: 0,
    clock: systemClock,
    onError() {},
  };
  return {
    stream,
    given,
    events,
    link: new TcpLink(stream as Socket, events, options, plainFraming),
  };
}

test("a stream that is no socket keeps what it was given", async () => {
  const { stream, given, events, link } = linkedDuplex();
  link.start(EMPTY);
  for (const it of ["one", "two", "six"]) {
    link.send(it);
    await pause(1);
  }
  stream.push(encode(text("hello"), true));
  await until(() => events.all.length > 0, "the message");
  assert.equal(Buffer.concat(given).toString("latin1"), "\x81\x03one\x81\x03two\x81\x03six");
  link.terminate();
  await until(() => events.ends.length > 0, "the end");
  assert.deepEqual(events.all, ["hello", "failed"]);
});

test("what comes before a link reads is not lost, though it was resumed already", async () => {
  const { stream, events, link } = linkedDuplex();
  link.pause();
  link.resume();
  stream.push(encode(text("early"), true));
  await pause();
  link.start(EMPTY);
  stream.push(encode(text("late"), true));
  await until(() => events.all.length > 1, "both messages");
  assert.deepEqual(events.all, ["early", "late"]);
  link.terminate();
});

test("a stream that throws ends its own connection, and no other one waits for it", async () => {
  const one = linkedDuplex();
  const two = linkedDuplex();
  one.stream._write = () => {
    throw new Error("no room");
  };
  for (const { link } of [one, two]) {
    link.start(EMPTY);
    link.send("hello");
  }
  await until(() => one.events.ends.length > 0 && two.given.length > 0, "the end of one");
  assert.deepEqual(one.events.all, ["failed no room"]);
  assert.deepEqual(two.events.all, []);
  two.link.terminate();
});
