// FakeClock: time stands still until a test lets it pass, and all that follows from a timer happens
// before the next one.

import { FakeClock, pair } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";

/** A clock, and the log of its timers. */
function make(): { clock: FakeClock; log: string[]; note(what: string): () => void } {
  const clock = new FakeClock();
  const begun = clock.now();
  const log: string[] = [];
  const note = (what: string) => (): void => void log.push(`${what} at ${clock.now() - begun}`);
  return { clock, log, note };
}

test("time passes only in advance(), and timers come in their order", async () => {
  const { clock, log, note } = make();
  clock.after(20, note("b"));
  clock.after(10, note("a"));
  clock.after(20, note("c"));
  clock.after(30, note("d"));
  await clock.advance(9);
  assert.deepEqual(log, []);
  assert.deepEqual(clock.timers, [1, 11, 11, 21]);
  await clock.advance(11);
  assert.deepEqual(log, ["a at 10", "b at 20", "c at 20"]);
  await clock.advance(100);
  assert.equal(log.at(-1), "d at 30");
  assert.deepEqual(clock.timers, []);
});

test("timers that timers set come in the same advance(), at their own time", async () => {
  const { clock, log, note } = make();
  clock.after(10, () => {
    note("first")();
    clock.after(0, note("at once"));
    clock.after(5, note("later"));
  });
  clock.after(12, note("between"));
  await clock.advance(15);
  assert.deepEqual(log, ["first at 10", "at once at 10", "between at 12", "later at 15"]);
});

test("a timer that is taken back does not come, not even from a timer of the same moment", async () => {
  const { clock, log, note } = make();
  const cancel = clock.after(10, note("never"));
  clock.after(5, () => cancel());
  clock.after(20, () => cancelSecond());
  const cancelSecond = clock.after(20, note("never"));
  await clock.advance(30);
  cancel();
  assert.deepEqual([log, clock.timers], [[], []]);
});

test("promises and tasks that follow from a timer come before the next timer", async () => {
  const { clock, log, note } = make();
  const { client, server } = pair({ clock, heartbeat: 0, idleTimeout: 0 });
  await clock.advance(0);
  server.onmessage = async ({ data }) => {
    for (let i = 0; i < 50; i++) await null;
    server.send(data);
  };
  client.onmessage = async ({ data }) => {
    for (let i = 0; i < 50; i++) await null;
    if (data > 1) client.send(`${data - 1}`);
    else note("what follows")();
  };
  clock.after(10, () => client.send("20")); // there and back, in tasks
  clock.after(11, note("next"));
  await clock.advance(11);
  assert.deepEqual(log, ["what follows at 10", "next at 11"]);
});

test("what is under way when advance() is called happens before time goes on", async () => {
  const { clock, log, note } = make();
  const { client, server } = pair({ clock, heartbeat: 0, idleTimeout: 0 });
  server.onclose = () => Promise.resolve().then(note("closed"));
  client.onopen = () => client.close();
  Promise.resolve().then(note("promise"));
  await clock.advance(5);
  note("advanced")();
  assert.deepEqual(log, ["promise at 0", "closed at 0", "advanced at 5"]);
});

test("calls of advance() that overlap come one after another", async () => {
  const { clock, log, note } = make();
  clock.after(10, note("a"));
  clock.after(15, note("b"));
  const first = clock.advance(10).then(note("first"));
  const second = clock.advance(10).then(note("second"));
  await Promise.all([first, second]);
  assert.deepEqual(log, ["a at 10", "first at 10", "b at 15", "second at 20"]);
});

test("advance(0) lets happen what is due, and waits until all is quiet", async () => {
  const { clock, log, note } = make();
  clock.after(0, note("due"));
  clock.after(-5, note("due before"));
  clock.after(1, note("not due"));
  await clock.advance(0);
  assert.deepEqual(log, ["due at 0", "due before at 0"]);
});

test("sleep() calls late, at the end, what was due meanwhile; what that sets has to wait", async () => {
  const { clock, log, note } = make();
  clock.after(20, () => {
    note("b")();
    clock.after(0, note("set by b"));
    cancel();
  });
  clock.after(10, note("a"));
  const cancel = clock.after(30, note("never"));
  clock.after(101, note("later"));
  await clock.sleep(100);
  assert.deepEqual(log, ["a at 100", "b at 100"]);
  await clock.advance(1);
  assert.deepEqual(log.slice(2), ["set by b at 100", "later at 101"]);
});

test("sums of fractions come when their sum is due", async () => {
  const { clock, log, note } = make();
  let left = 3;
  const step = (): void => {
    if (left-- > 0) clock.after(1000 / 3, step);
    else note("three thirds")();
  };
  step();
  await clock.advance(1000);
  assert.equal(log.length, 1);
  assert.deepEqual(clock.timers, []);
});

test("advance() and sleep() refuse what is no time", async () => {
  const { clock } = make();
  for (const time of [-1, NaN, Infinity]) {
    await assert.rejects(clock.advance(time), RangeError);
    await assert.rejects(clock.sleep(time), RangeError);
  }
});

test("advance() rejects with what a timer throws, and the clock goes on afterwards", async () => {
  const { clock, log, note } = make();
  const wrong = new Error("wrong");
  clock.after(10, () => {
    throw wrong;
  });
  clock.after(20, note("next"));
  await assert.rejects(clock.advance(30), wrong);
  await clock.advance(10);
  assert.deepEqual(log, ["next at 20"]);
});

test("timers and tasks that never end make advance() reject instead of hang", async () => {
  const { clock } = make();
  let on = true;
  const again = (): void => void (on && clock.after(0, again));
  again();
  await assert.rejects(clock.advance(1), /timers set timers/);
  on = false;
  const { client, server } = pair();
  const echo = ({ target, data }: MessageEvent): void => (target as WebSocket).send(data);
  Object.assign(client, { onmessage: echo, onopen: () => client.send("for ever") });
  server.onmessage = echo;
  await assert.rejects(new FakeClock().advance(1), /tasks follow from tasks/);
  client.terminate();
});
