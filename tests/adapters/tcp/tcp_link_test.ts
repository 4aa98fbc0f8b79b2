// A link over TCP: what it reports, once, however the connection ends.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, test } from "node:test";
import { close, encode, type Frame, ping, text } from "../../../src/testing/contract/frame.ts";
import { runtime } from "../../runtime.ts";
import { removePaths } from "../../server/places.ts";
import { EMPTY, type Init, linked, linkedDuplex, pause } from "./linked.ts";
import { closeAll, TRANSPORTS, until } from "./upgraded.ts";

afterEach(closeAll);
after(removePaths);

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

  test(`what came before the end can be answered while a program holds it: ${way}`, async () => {
    const ends: [Frame | undefined, string, string][] = [
      [close(4001), "8:\x0f\xa1", "closed 4001 "],
      [{ opcode: 3, payload: EMPTY }, "8:\x03\xea", "failed "],
      [undefined, "", "failed"],
    ];
    for (const [frame, answer, report] of ends) {
      if (frame === undefined && init.transport === "TLS") continue; // its client reads no more then
      const it = await linked(init);
      const held: (() => void)[] = [];
      it.events.onClosing = (end) => void held.push(end);
      if (frame === undefined) it.client.end(encode(text("one"), true));
      else it.send(text("one"), frame, text("two"));
      await until(() => held.length === 1, "the end");
      it.link.send("late");
      held[0]!();
      await until(() => it.isEnded, "the end of TCP");
      assert.deepEqual(it.frames.slice(0, 1), ["1:late"]);
      assert.ok((it.frames[1] ?? "").startsWith(answer));
      await until(() => it.events.ends.length > 0, "the report");
      assert.deepEqual(it.events.all.length, 2);
      assert.ok(it.events.all[1]!.startsWith(report));
    }
  });

  test(`a peer that leaves while the end is held is a failure, by its reason: ${way}`, async () => {
    const it = await linked(init);
    const held: (() => void)[] = [];
    it.events.onClosing = (end) => void held.push(end);
    it.send({ opcode: 3, payload: EMPTY });
    await until(() => held.length === 1, "the end");
    it.client.destroy();
    await until(() => held.length === 2 || it.events.ends.length > 0, "the end of TCP");
    for (const end of held) end();
    await until(() => it.events.ends.length > 0, "the report");
    await pause();
    assert.equal(it.events.all.length, 1);
    assert.match(it.events.all[0]!, /opcode/);
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

for (
  const [does, frame] of [["fails", { opcode: 3, payload: EMPTY }], [
    "closes",
    close(1000),
  ]] as const
) {
  test(`a peer that ${does} and never ends TCP is dropped, also without closeTimeout`, async () => {
    const timers: [number, () => void][] = [];
    const clock = {
      now: () => 0,
      after: (milliseconds: number, callback: () => void) => {
        timers.push([milliseconds, callback]);
        return () => {};
      },
    };
    const it = await linked({ closeTimeout: 0, clock, clings: true });
    it.send(frame);
    await until(() => it.isEnded, "the end");
    assert.equal(it.server.destroyed, false);
    assert.deepEqual(timers.map(([milliseconds]) => milliseconds), [10_000]);
    timers[0]![1]();
    assert.equal(it.server.destroyed, true);
    assert.equal(it.events.ends.length, 1);
  });
}

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
