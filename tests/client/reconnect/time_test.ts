// reconnect(): delays, time limits, heartbeats, and the providers of each attempt.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../src/client/reconnect/backoff.ts";
import { seeded } from "../../../src/testing/memory/random.ts";
import { ReconnectHarness, settled, task } from "./harness.ts";

test("waits are random parts of a time that doubles up to a maximum", async () => {
  const harness = new ReconnectHarness();
  harness.random = () => 0.999999;
  harness.outcomes.push(...Array(8).fill("is refused"));
  const { socket, log } = harness.reconnect({ backoff: { base: 1000, max: 30_000 } });
  for (const limit of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const { delay } = await log.next("waiting");
    assert.equal(Math.round(delay), limit);
    await harness.clock.advance(delay - 1);
    assert.equal(socket.readyState, 0);
    const attempts = harness.urls.length;
    await settled();
    assert.equal(harness.urls.length, attempts);
    await harness.clock.advance(1);
    await log.next("connecting");
  }
  await log.next("waiting");
  harness.random = () => 0;
  await harness.clock.advance(30_000);
  await log.next("open");
  harness.server.terminate();
  assert.equal((await log.next("waiting")).delay, 0);
  await socket[Symbol.asyncDispose]();
});

test("without a base there is no wait, however many attempts have failed", () => {
  const backoff = new Backoff({ base: 0 }, () => 0.5);
  for (let i = 0; i < 1100; i++) backoff.ended(NaN);
  assert.equal(backoff.nextDelay(1006, 0), 0);
});

test("waits grow on until a connection has stayed up", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({ backoff: { base: 1000, stable: 5000 } });
  const delays: number[] = [];
  for (const up of [0, 4999, 4999, 5000, 0]) {
    await log.next("open");
    await harness.clock.advance(up);
    harness.server.terminate();
    const { delay } = await log.next("waiting");
    delays.push(delay);
    await harness.clock.advance(delay);
  }
  assert.deepEqual(delays, [500, 1000, 2000, 500, 1000]);
  await socket[Symbol.asyncDispose]();
});

for (
  const [code, from, to] of [[4000, 0, 1000], [1012, 5000, 30_000], [1013, 15_000, 30_000]] as const
) {
  test(`10,000 clients that close code ${code} has hit come back spread over ${from} to ${to} ms`, async () => {
    const harness = new ReconnectHarness();
    harness.random = seeded(2463534242);
    const clients = Array.from({ length: 10_000 }, () => harness.reconnect().socket);
    await settled();
    for (const server of harness.servers) server.close(code);
    await settled();
    const waits = harness.clock.timers;
    assert.equal(waits.length, 10_000);
    const slots = Array<number>(100).fill(0);
    for (const wait of waits) slots[Math.floor((wait - from) / (to - from) * 100)]!++;
    assert.equal(slots.length, 100); // none came earlier or later
    // 100 are expected in each, give or take 10: these bounds are five times as wide.
    assert.ok(Math.min(...slots) > 50 && Math.max(...slots) < 150, slots.join(" "));
    for (const client of clients) client.close();
    await settled();
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
  });
}

test("address and subprotocols are provided anew for each attempt", async () => {
  const harness = new ReconnectHarness();
  const attempts: number[] = [];
  let token = 0;
  const { socket, log } = harness.reconnect(
    { protocols: async () => (await task(), [`v${token}`]) },
    async ({ attempt }) => {
      attempts.push(attempt);
      await task();
      return `https://memory.invalid/?token=${++token}`;
    },
  );
  assert.equal(socket.url, "");
  for (let turn = 0; turn < 3; turn++) {
    await log.next("open");
    harness.server.terminate();
    const { delay } = await log.next("waiting");
    await harness.clock.advance(delay);
  }
  await log.next("open");
  assert.deepEqual(attempts, [1, 2, 3, 4]);
  assert.deepEqual(harness.urls.slice(0, 2), [
    "wss://memory.invalid/?token=1",
    "wss://memory.invalid/?token=2",
  ]);
  assert.equal(harness.offered.length, 4);
  await socket[Symbol.asyncDispose]();
});

test("functions that throw or reject make the attempt fail", async () => {
  const harness = new ReconnectHarness();
  const wrong = new RangeError("No token");
  const answers: (() => string | Promise<string>)[] = [
    () => {
      throw wrong;
    },
    () => Promise.reject(wrong),
    () => "ws://memory.invalid/",
    () => "ws://memory.invalid/",
  ];
  harness.outcomes.push("is refused"); // the third
  const { socket, log } = harness.reconnect({}, () => answers.shift()!());
  for (const name of ["RangeError", "RangeError", "Error"]) {
    assert.equal(((await log.next("error")).error as Error).name, name);
    assert.equal((await log.next("close")).code, 1006);
    await harness.clock.advance((await log.next("waiting")).delay);
  }
  await log.next("open");
  await socket[Symbol.asyncDispose]();
});

test("an attempt that takes too long fails, whatever takes so long, and is never heard of again", async () => {
  for (const hanging of ["address", "address that fails", "connection"]) {
    const harness = new ReconnectHarness();
    if (hanging === "connection") harness.outcomes.push("hangs");
    let answer!: () => void;
    let signal!: AbortSignal;
    let turn = 0;
    const { socket, log } = harness.reconnect({ timeout: 3000 }, (attempt) => {
      if (turn++ > 0 || hanging === "connection") return "ws://memory.invalid/";
      signal = attempt.signal;
      return new Promise((resolve, reject) => {
        answer = () =>
          hanging === "address" ? resolve("ws://too.late.invalid/") : reject(new Error());
      });
    });
    await settled();
    await harness.clock.advance(2999);
    await settled();
    assert.deepEqual(log.lines, ["connecting 1 (0)"]);
    await harness.clock.advance(1);
    const { error } = await log.next("error");
    assert.equal((error as Error).message, "The connection was not established within 3000 ms");
    await log.next("waiting");
    if (hanging !== "connection") assert.ok(signal.aborted);
    answer?.();
    await settled();
    assert.equal(log.lines.filter((line) => line.startsWith("close")).length, 1);
    await harness.clock.advance(500);
    await log.next("open");
    assert.ok(!harness.urls.includes("ws://too.late.invalid/"));
    assert.equal(harness.maxConnections, 1);
    await socket[Symbol.asyncDispose]();
  }
});

test("silence is broken by a message, and a connection that stays silent is dropped", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({
    heartbeat: { every: 25_000, deadline: 10_000, message: "ping" },
  });
  await log.next("open");
  let pings = 0;
  let answers = true;
  harness.server.onmessage = ({ data, target }) => {
    assert.equal(data, "ping");
    pings++;
    if (answers) (target as WebSocket).send("pong");
  };
  await harness.clock.advance(24_999);
  await settled();
  assert.equal(pings, 0);
  for (let turn = 1; turn <= 3; turn++) {
    await harness.clock.advance(turn === 1 ? 1 : 25_000);
    await settled();
    assert.equal(pings, turn);
  }
  await harness.clock.advance(24_000);
  harness.server.send("something");
  await settled();
  await harness.clock.advance(24_999);
  await settled();
  assert.equal(pings, 3); // what arrives is a sign of life, whatever it is
  answers = false;
  await harness.clock.advance(1);
  await settled();
  assert.equal(pings, 4);
  await harness.clock.advance(9999);
  await settled();
  assert.equal(socket.readyState, 1);
  await harness.clock.advance(1);
  const { error } = await log.next("error");
  assert.equal((error as Error).name, "TimeoutError");
  assert.match((error as Error).message, /25000 ms, nor within 10000 ms/);
  await log.next("waiting");
  assert.equal(harness.clock.timers.length, 1);
  harness.outcomes.push("is refused");
  await harness.clock.advance(1000);
  const own = (await log.next("error")).error as Error; // its own reason, not that of the last
  assert.match(own.message, /503/);
  await harness.clock.advance((await log.next("waiting")).delay);
  await log.next("open");
  harness.server.terminate();
  await log.next("waiting");
  assert.equal(harness.clock.timers.length, 1); // nobody watches what is gone
  await socket[Symbol.asyncDispose]();
});

test("after a sleep the probe is sent once more, and then only once", async () => {
  for (const alive of [true, false]) {
    const harness = new ReconnectHarness();
    const { socket, log } = harness.reconnect({
      heartbeat: { every: 25_000, deadline: 10_000, message: "ping" },
    });
    await log.next("open");
    let pings = 0;
    harness.server.onmessage = ({ target }) => {
      pings++;
      if (alive && pings > 1) (target as WebSocket).send("pong");
    };
    await harness.clock.advance(25_000);
    await harness.clock.sleep(3_600_000); // the answer may have come meanwhile, and not be delivered yet
    await settled();
    assert.deepEqual([pings, socket.readyState], [2, 1]);
    await harness.clock.sleep(60_000); // throttled, as in a hidden page
    await settled();
    assert.equal(socket.readyState, alive ? 1 : 0);
    if (alive) {
      await harness.clock.advance(25_000);
      await harness.clock.sleep(3_600_000);
      await settled();
      assert.equal(socket.readyState, 1); // each silence has its second chance
    }
    await socket[Symbol.asyncDispose]();
  }
});

test("a heartbeat without a message only listens", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({ heartbeat: { every: 1000, deadline: 500 } });
  await log.next("open");
  for (let turn = 0; turn < 5; turn++) {
    await harness.clock.advance(1400);
    harness.server.send("tick");
    await log.next("message");
  }
  await harness.clock.advance(1500);
  await log.next("waiting");
  await socket[Symbol.asyncDispose]();
});

test("waking ends a wait and forgets failures, but not where the server requested the delay", async () => {
  const harness = new ReconnectHarness();
  harness.random = () => 0.9;
  harness.outcomes.push("is refused", "is refused", "is refused");
  const { socket, log } = harness.reconnect();
  for (let turn = 0; turn < 2; turn++) {
    await harness.clock.advance((await log.next("waiting")).delay);
  }
  assert.equal((await log.next("waiting")).delay, 3600);
  harness.wake();
  harness.wake(); // during an attempt: nothing
  await log.next("open");
  assert.equal(harness.urls.length, 4);
  harness.server.terminate();
  assert.equal((await log.next("waiting")).delay, 900);
  await harness.clock.advance(900);
  await log.next("open");
  harness.server.close(1012);
  await log.next("waiting");
  harness.wake();
  await settled();
  assert.equal(harness.urls.length, 5);
  await socket[Symbol.asyncDispose]();
  harness.wake();
  assert.equal(harness.wakeListeners, 0);
});

test("waking sends a probe on an open connection, and does not put its end off", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({
    heartbeat: { every: 25_000, deadline: 10_000, message: "ping" },
  });
  await log.next("open");
  let pings = 0;
  harness.server.onmessage = () => pings++;
  for (let turn = 0; turn < 4; turn++) {
    harness.wake();
    await harness.clock.advance(2500);
    await settled();
  }
  assert.equal(pings, 1);
  assert.equal(socket.readyState, 0);
  await socket[Symbol.asyncDispose]();
});
