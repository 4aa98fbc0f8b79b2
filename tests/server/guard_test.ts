// Limits that a server sets for a socket, with a link that is a list and a fake clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketOptions } from "../../src/server/options.ts";
import { ServerCore } from "../../src/server/server_core.ts";
import type { Link, LinkEvents } from "../../src/core/link.ts";
import { LivenessTimer } from "../../src/server/liveness_timer.ts";
import type { ServerSocket } from "../../src/server/server_socket.ts";
import { queueTask } from "../../src/core/task.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";

/** A link whose traffic the test decides on. */
class Quiet implements Link {
  readonly asked: string[] = [];
  bufferedAmount = 0;
  bytesRead = 0;

  send(data: string): void {
    this.asked.push(`send ${data}`);
  }
  ping(): void {
    this.asked.push("ping");
  }
  close(code?: number): void {
    this.asked.push(`close ${code}`);
  }
  terminate(): void {
    this.asked.push("terminate");
  }
  pause(): void {
    this.asked.push("pause");
  }
  resume(): void {
    this.asked.push("resume");
  }
}

interface Made {
  readonly clock: FakeClock;
  readonly core: ServerCore;
  readonly socket: ServerSocket;
  readonly events: LinkEvents;
  readonly link: Quiet;
  readonly log: EventLog;
}

/** A Ping after 25 seconds of silence, and the end after 60: checked every 5. */
const SIGNS = { heartbeat: 25_000, idleTimeout: 60_000 };

const NOBODY = { remoteAddress: undefined, httpVersion: undefined };

/** Lets some tasks pass. */
async function tasks(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => queueTask(resolve));
}

async function opened(options: SocketOptions = {}): Promise<Made> {
  const clock = new FakeClock();
  const signs = { heartbeat: 0, idleTimeout: 0 };
  const core = new ServerCore(() => new Response(), { ...signs, ...options }, undefined, clock);
  let events!: LinkEvents;
  const socket = core.admit(NOBODY, { url: "ws://127.0.0.1/" }, {}, (it) => {
    events = it;
    return () => {};
  });
  const made = { clock, core, socket, events, link: new Quiet(), log: new EventLog(socket) };
  events.opened(made.link, "", "");
  await made.log.next("open");
  return made;
}

test("a quiet peer is pinged every heartbeat, and dropped when it stays quiet", async () => {
  const { clock, link, log } = await opened(SIGNS);
  await clock.advance(60_000);
  assert.deepEqual(link.asked, ["ping", "ping"]);
  await clock.advance(5000);
  assert.deepEqual(link.asked, ["ping", "ping", "terminate"]);
  assert.equal((await log.next("close")).code, 1006);
  assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual(clock.timers, []);
});

test("a Pong, a message, bytes of one, and bytes that leave are signs of life", async () => {
  const signs: ((made: Made) => void)[] = [
    ({ events }) => events.heard(),
    ({ events }) => events.received("x"),
    ({ link }) => void (link.bytesRead += 1),
    ({ link }) => void (link.bufferedAmount -= 1),
  ];
  for (const sign of signs) {
    const made = await opened(SIGNS);
    made.link.bufferedAmount = 100;
    for (let i = 0; i < 10; i++) {
      await made.clock.advance(50_000);
      sign(made);
    }
    assert.ok(!made.link.asked.includes("terminate"), `${sign}`);
    await made.clock.advance(70_000);
    assert.equal(made.link.asked.at(-1), "terminate", `${sign}`);
  }
});

test("a runtime that pings by itself is left alone while nothing waits, or what waits leaves", async () => {
  const { clock, link } = await opened(SIGNS);
  Object.assign(link, { ping: undefined });
  await clock.advance(100_000);
  link.bufferedAmount = 100;
  for (let i = 0; i < 20; i++) {
    link.bufferedAmount--;
    await clock.advance(5000);
  }
  assert.deepEqual(link.asked, []);
});

test("a peer that reads nothing is dropped where the runtime's own Ping waits behind the rest", async () => {
  const { clock, link, log } = await opened(SIGNS);
  Object.assign(link, { ping: undefined });
  await clock.advance(100_000);
  link.bufferedAmount = 100;
  await clock.advance(25_000);
  assert.deepEqual(link.asked, []);
  link.bufferedAmount += 100;
  await clock.advance(10_000); // more than half of its time
  assert.deepEqual(link.asked, ["terminate"]);
  assert.equal((await log.next("close")).code, 1006);
  assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
});

test("a link is looked at regularly, and may report that it closes", async () => {
  const { clock, socket, events, link } = await opened(SIGNS);
  Object.assign(link, { look: () => events.closing() });
  await clock.advance(5000);
  assert.equal(socket.readyState, 2);
  socket.terminate();
});

test("a peer that sends very much at once is read no further until others had a turn", async () => {
  for (const what of ["messages", "pings"]) {
    const { socket, events, link } = await opened();
    const come = (count: number): void => {
      for (let i = 0; i < count; i++) what === "pings" ? events.heard() : events.received("x");
    };
    events.received("the first one, which ends its turn");
    await tasks(5);
    link.asked.length = 0;
    come(254);
    assert.deepEqual(link.asked, [], what);
    come(1000);
    assert.deepEqual(link.asked, ["pause"], what);
    await tasks();
    assert.deepEqual(link.asked, ["pause", "resume"], what);
    come(256);
    socket.pause();
    await tasks();
    assert.deepEqual(link.asked, ["pause", "resume", "pause", "pause"], what);
    socket.terminate();
  }
});

test("a Close frame that nobody waits for is given closeTimeout where messages wait", async () => {
  const { clock, events, link, log } = await opened({ maxPayload: 10, closeTimeout: 1000 });
  link.bufferedAmount = 100;
  events.received("x".repeat(11));
  await log.next("close");
  await clock.advance(999);
  assert.deepEqual(link.asked, ["close 1009"]);
  await clock.advance(1);
  assert.deepEqual(link.asked, ["close 1009", "terminate"]);
});

test("overflow is judged by what waits before a message, not with it", async () => {
  const { clock, core, socket, link, log } = await opened({ maxBuffered: 100, overflow: "drop" });
  link.bufferedAmount = 99;
  socket.send("passes");
  link.bufferedAmount = 100;
  socket.send("is dropped");
  assert.deepEqual(link.asked, ["send passes"]);
  assert.equal(core.hub().stats().dropped, 1);
  link.bufferedAmount = 0;
  await clock.advance(5);
  await log.next("drain");
  socket.send("passes again");
  assert.deepEqual(link.asked.at(-1), "send passes again");
  socket.terminate();
});

test("a link that takes long to tell what waits is asked when it may be too much", async () => {
  const { clock, core, socket, link, log } = await opened({ maxBuffered: 1600, overflow: "drop" });
  let asked = 0;
  let waits = 0;
  let most = 0;
  Object.defineProperties(link, {
    mostBuffered: { get: () => most },
    bufferedAmount: { get: () => (asked++, most = waits) },
    send: { value: (data: string) => (most += data.length, waits += data.length) },
  });
  socket.send("x".repeat(100));
  core.hub().publish("news", "to nobody");
  assert.equal(asked, 0);
  socket.subscribe("news");
  waits = 0;
  core.hub().publish("news", "x");
  assert.equal(asked, 1, "100 bytes and one may wait, and lowWaterMark is 100");
  socket.send("x".repeat(99));
  assert.equal(asked, 1);
  socket.send("x");
  assert.equal(asked, 2);
  waits = 1600;
  socket.send("one too much");
  assert.equal(core.hub().stats().dropped, 1);
  waits = 0;
  await clock.advance(5);
  await log.next("drain");
  socket.terminate();
});

test("a backlogged socket that waits is paused until it has drained, or is to close", async () => {
  for (const end of ["drain", "close", "lost"] as const) {
    const { clock, socket, events, link, log } = await opened({
      maxBuffered: 160,
      overflow: "wait",
    });
    link.bufferedAmount = 11;
    socket.send("x");
    assert.deepEqual(link.asked, ["send x", "pause"]);
    events.received("while it is paused");
    await tasks();
    assert.deepEqual(log.data, []);
    if (end === "drain") {
      link.bufferedAmount = 10;
      await clock.advance(5);
      await log.next("drain");
      await log.next("message");
      assert.deepEqual(log.types, ["open", "drain", "message"]); // who waits for drain may be its reader
    } else if (end === "close") {
      socket.close(4000);
      await tasks();
      assert.deepEqual(log.types, ["open"], "what was not delivered before close() is not after");
    } else {
      events.failed();
      await log.next("close");
      assert.deepEqual(log.types, ["open", "message", "error", "close"]);
      continue;
    }
    assert.ok(link.asked.includes("resume"));
    socket.terminate();
  }
});

test("a flood while a backlogged socket is paused drops the connection", async () => {
  const { socket, events, link, log } = await opened({ maxBuffered: 160, overflow: "wait" });
  link.bufferedAmount = 100;
  socket.send("x");
  for (let i = 0; i < 17; i++) events.received("x".repeat(1024 * 1024));
  await log.next("close");
  assert.equal((log.errors[0] as DOMException).name, "QuotaExceededError");
});

test("what is published is dropped where it would have to wait, and sent to the others", async () => {
  const { core, socket, link } = await opened({ maxBuffered: 100, overflow: "wait" });
  socket.subscribe("news");
  link.bufferedAmount = 50;
  const { publish, stats } = core.hub();
  assert.equal(publish("news", "one"), 1);
  link.bufferedAmount = 100;
  assert.equal(publish("news", "two"), 0);
  assert.throws(() => socket.send("three"), { name: "QuotaExceededError" });
  assert.deepEqual(link.asked.filter((it) => it.startsWith("send")), ["send one"]);
  assert.equal(stats().dropped, 1);
  socket.terminate();
});

test("messages of one second are counted, not those of a longer time", async () => {
  const { clock, socket, events, link, log } = await opened({ maxMessagesPerSecond: 10 });
  for (let i = 0; i < 100; i++) {
    await clock.advance(100);
    events.received("in time");
  }
  assert.deepEqual(link.asked, []);
  for (let i = 0; i < 21; i++) events.received("too fast");
  assert.deepEqual(link.asked, ["close 1008"]);
  await log.next("error");
  socket.terminate();
});

test("a LivenessTimer ticks four times in the shorter limit, and only while it has members", async () => {
  const clock = new FakeClock();
  const pulse = new LivenessTimer(80, 200, clock);
  let ticks = 0;
  const member = {
    tick(given: unknown): void {
      assert.deepEqual(given, { heartbeat: 4, idle: 10 });
      ticks++;
    },
  };
  pulse.add(member);
  await clock.advance(80);
  assert.equal(ticks, 4);
  pulse.delete(member);
  await clock.advance(80);
  assert.deepEqual([ticks, clock.timers], [4, []]);
  const never = new LivenessTimer(0, 0, clock);
  never.add({ tick: () => assert.fail("it never ticks") });
  assert.deepEqual(clock.timers, []);
});

test("drain fires again when its listener has sent as much again", async () => {
  const { clock, socket, link, log } = await opened({ maxBuffered: 100 });
  socket.addEventListener("drain", () => {
    link.bufferedAmount = 50;
    socket.send("more");
  }, { once: true });
  link.bufferedAmount = 50;
  socket.send("much");
  for (let turn = 1; turn <= 2; turn++) {
    link.bufferedAmount = 0;
    await clock.advance(5);
    assert.equal(log.types.filter((type) => type === "drain").length, turn);
  }
  socket.terminate();
});

test("nothing checks a backlogged socket that has ended: the process may end too", async () => {
  for (const how of ["lost", "terminated"] as const) {
    const { clock, socket, events, link, log } = await opened({ maxBuffered: 100 });
    link.bufferedAmount = 50;
    socket.send("x");
    assert.equal(clock.timers.length, 1);
    if (how === "lost") events.failed();
    else socket.terminate();
    await log.next("close");
    assert.deepEqual(clock.timers, [], how);
    assert.equal(socket.bufferedAmount, 50);
  }
});
