// Faults of the connection between the two sockets of a pair: latency, jitter, and connections that
// break or fall silent. The clock is the test's.

import { type FaultOptions, pair } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../../src/testing/memory/random.ts";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { type LoggedPair, loggedPair, openedPair } from "../logged_pair.ts";

/** Asserts that both ends have lost the connection. */
function lost({ clientLog, serverLog, clock }: LoggedPair): void {
  for (const { types } of [clientLog, serverLog]) {
    assert.deepEqual(types.slice(-2), ["error", "close"]);
  }
  assert.deepEqual(clock.timers, []);
}

/** Resolves with the milliseconds after which messages arrive that a client sends at once. */
async function arrivals(options: FaultOptions, count: number): Promise<number[]> {
  const { client, server, clock, passed } = loggedPair(options);
  const times: number[] = [];
  const order: unknown[] = [];
  server.onmessage = ({ data }) => {
    order.push(data);
    times.push(passed());
  };
  client.onopen = () => {
    for (let i = 0; i < count; i++) client.send(`${i}`);
  };
  await clock.advance(10_000);
  client.close();
  await clock.advance(10_000);
  assert.deepEqual(order, Array.from({ length: count }, (_, i) => `${i}`));
  assert.deepEqual(clock.timers, []);
  return times;
}

test("without latency, all happens in tasks: a clock has nothing to do with it", async () => {
  const { client, server, clientLog, serverLog, clock } = loggedPair();
  server.onmessage = ({ data }) => server.send(data.toUpperCase());
  client.onopen = () => client.send("hello");
  assert.equal((await clientLog.next("message")).data, "HELLO");
  server.close(4000, "enough");
  assert.equal((await clientLog.next("close")).code, 4000);
  await serverLog.next("close");
  assert.deepEqual(clock.timers, []);
});

test("latency is how long things take: a server opens after one way, a client after two", async () => {
  const { client, server, clientLog, serverLog, clock } = loggedPair({ latency: 50 });
  client.onopen = () => client.send("hello");
  await clock.advance(49);
  assert.deepEqual([clientLog.types, serverLog.types], [[], []]);
  await clock.advance(1);
  assert.deepEqual([clientLog.types, serverLog.types], [[], ["open"]]);
  await clock.advance(49);
  assert.deepEqual(clientLog.types, []);
  await clock.advance(1);
  assert.deepEqual(clientLog.types, ["open"]);
  await clock.advance(50);
  assert.deepEqual(serverLog.data, ["hello"]);
  client.close(4000);
  await clock.advance(50);
  assert.deepEqual([serverLog.types.at(-1), clientLog.types.at(-1)], ["close", "open"]);
  assert.equal(server.readyState, 3);
  await clock.advance(50);
  assert.equal(clientLog.types.at(-1), "close");
  assert.deepEqual(clock.timers, []);
});

test("latency may be of one direction", async () => {
  for (const direction of ["toServer", "toClient"] as const) {
    const { client, server, clientLog, serverLog, clock } = loggedPair({
      latency: { [direction]: 50 },
    });
    await clock.advance(50);
    client.send("there");
    server.send("back");
    await clock.advance(0);
    const heard = direction === "toServer" ? [[], ["back"]] : [["there"], []];
    assert.deepEqual([serverLog.data, clientLog.data], heard);
    await clock.advance(50);
    assert.deepEqual([serverLog.data, clientLog.data], [["there"], ["back"]]);
  }
});

test("jitter spreads messages within its bounds, keeps their order, and repeats itself", async () => {
  const first = Math.floor(Math.random() * 2 ** 31);
  console.log(`jitter: seeds from ${first} on`);
  const seeds = Array.from({ length: 20 }, (_, i) => first + i);
  const seen = new Set<string>();
  let spread = 0; // one of 50 seeds makes the first message the slowest
  for (const seed of seeds) {
    const options = { latency: 100, jitter: 40, seed };
    const times = await arrivals(options, 50);
    assert.deepEqual(await arrivals(options, 50), times, `seed ${seed}`);
    const [earliest, latest] = [times[0]!, times.at(-1)!];
    assert.ok(earliest >= 300 && latest <= 3 * 140, `seed ${seed}: ${earliest} to ${latest}`);
    if (latest > earliest) spread++;
    seen.add(`${times}`);
  }
  assert.equal(seen.size, seeds.length);
  assert.ok(spread >= 10, `${spread} of ${seeds.length}`);
  assert.equal(new Set(await arrivals({ latency: 100 }, 50)).size, 1);
});

test("without a clock, latency goes by the system's time", async () => {
  const { client, server } = pair({ latency: 1, jitter: 2, slowReader: 1_000_000 });
  const serverLog = new EventLog(server);
  const begun = Date.now();
  client.onopen = () => {
    for (let i = 0; i < 20; i++) client.send(`${i}`.padStart(100));
    client.close(4000);
  };
  assert.equal((await serverLog.next("close")).code, 4000);
  assert.deepEqual(serverLog.data.map(Number), Array.from({ length: 20 }, (_, i) => i));
  assert.ok(Date.now() - begun >= 2, "3 ways of 1 ms, as far as timers are exact");
});

test("with a clock, a pair sets no timer of the system's", async () => {
  const { setTimeout, setInterval } = globalThis;
  const forbidden = (): never => assert.fail("a timer of the system's");
  Object.assign(globalThis, { setTimeout: forbidden, setInterval: forbidden });
  try {
    const made = loggedPair({
      heartbeat: 1000,
      idleTimeout: 3000,
      lowWaterMark: 50,
      latency: 5,
      slowReader: 10_000,
      dropAfter: 10_000,
    });
    await made.clock.advance(5000);
    made.server.send(new Uint8Array(500));
    await made.clock.advance(5000);
    assert.ok(made.serverLog.types.includes("drain"));
    await made.clock.advance(100);
    lost(made);
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
});

test("dropAfter loses the connection after a time, with what is on its way", async () => {
  const made = loggedPair({ latency: 20, dropAfter: 500 });
  const { clock, client, clientLog, serverLog } = made;
  await clock.advance(40 + 479);
  client.send("arrives");
  await clock.advance(2);
  client.send("is lost");
  await clock.advance(18);
  assert.deepEqual([clientLog.types, serverLog.types], [["open"], ["open", "message"]]);
  await clock.advance(1);
  lost(made);
  assert.deepEqual(serverLog.data, ["arrives"]);
  assert.equal((await clientLog.next("close")).code, 1006);
  assert.equal((await serverLog.next("close")).wasClean, false);
});

test("dropAfter { messages } loses it when so many have arrived, of both ends together", async () => {
  const made = await openedPair({ dropAfter: { messages: 3 } });
  made.server.onmessage = ({ data }) => made.server.send(data);
  made.client.onmessage = () => made.client.send("again");
  made.client.send("first");
  await made.clock.advance(0);
  lost(made);
  assert.deepEqual([made.serverLog.data, made.clientLog.data], [["first", "again"], ["first"]]);
});

test("a connection that ended before dropAfter leaves nothing behind", async () => {
  for (const end of ["close", "terminate"] as const) {
    const { clock, client } = await openedPair({ dropAfter: 500 });
    assert.equal(clock.timers.length, 1);
    client[end]();
    await clock.advance(0);
    assert.deepEqual(clock.timers, [], end);
  }
});

test("cutAt breaks the connection in the middle of a message, wherever that is", async () => {
  const messages = ["one", "", "éé", "four4"]; // 3 + 0 + 4 + 5 bytes
  const ends = [3, 3, 7, 12];
  for (const direction of ["toServer", "toClient"] as const) {
    for (let cutAt = 0; cutAt <= 13; cutAt++) {
      const made = await openedPair({ cutAt: { [direction]: cutAt } });
      const [from, heard] = direction === "toServer"
        ? [made.client, made.serverLog]
        : [made.server, made.clientLog];
      for (const message of messages) from.send(message);
      from.close(4000); // behind what is cut, it does not arrive either
      await made.clock.advance(0);
      const whole = messages.filter((_, i) => ends[i]! <= cutAt);
      assert.deepEqual(heard.data, whole, `${direction} ${cutAt}`);
      if (cutAt < 12) lost(made);
      else assert.deepEqual([made.clientLog.types.at(-1), made.clientLog.errors], ["close", []]);
    }
  }
  const { client, server, clientLog, clock } = await openedPair({ cutAt: { toServer: 3 } });
  server.send("what goes the other way has no such end");
  client.send("one");
  await clock.advance(0);
  assert.deepEqual([clientLog.data.length, client.readyState], [1, 1]);
});

test("what cutAt kept from leaving stays in bufferedAmount", async () => {
  const { client, clock } = await openedPair({ cutAt: 3 });
  client.send("four");
  client.send("12345");
  await clock.advance(0);
  assert.deepEqual([client.readyState, client.bufferedAmount], [3, 6]);
});

test("jitter makes what left later wait for what left earlier", async () => {
  const options = { latency: 100, jitter: 40, seed: 7 };
  const random = seeded(options.seed);
  const handshake = 100 + random() * 40 + 100 + seeded(options.seed + 1)() * 40;
  let latest = 0;
  const expected = Array.from({ length: 20 }, () => latest = Math.max(latest, random() * 40));
  const times = await arrivals(options, 20);
  for (const [i, time] of times.entries()) {
    assert.ok(Math.abs(time - handshake - 100 - expected[i]!) < 0.001, `${i}: ${time}`);
  }
});

test("half open: what is sent vanishes, and only time limits notice", async () => {
  const made = await openedPair({ halfOpen: true, heartbeat: 25_000, idleTimeout: 60_000 });
  const { client, server, clientLog, serverLog, clock } = made;
  client.send("nobody hears this");
  server.send(new Uint8Array(1000));
  await undefined; // to the code that sends, nothing of a client's has left
  assert.deepEqual([client.bufferedAmount, server.bufferedAmount], [0, 0]);
  await clock.advance(60_000);
  assert.deepEqual([clientLog.types, serverLog.types], [["open"], ["open"]]);
  await clock.advance(5000);
  assert.deepEqual(serverLog.types, ["open", "error", "close"]);
  assert.equal((serverLog.errors[0] as DOMException).name, "TimeoutError");
  await clock.advance(3_600_000);
  assert.deepEqual(clientLog.types, ["open"]); // a WebSocket cannot know
  client.close();
  await clock.advance(9999);
  assert.equal(client.readyState, 2);
  await clock.advance(1);
  assert.equal((clientLog.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual(clock.timers, []);
});

test("wrong options are refused", () => {
  const wrong: [FaultOptions, string][] = [
    [{ latency: -1 }, "RangeError"],
    [{ latency: { toServer: NaN } }, "RangeError"],
    [{ jitter: { toClient: -1 } }, "RangeError"],
    [{ slowReader: 0 }, "RangeError"],
    [{ slowReader: { toClient: NaN } }, "RangeError"],
    [{ cutAt: -1 }, "RangeError"],
    [{ dropAfter: -1 }, "RangeError"],
    [{ dropAfter: { messages: 0 } }, "RangeError"],
  ];
  for (const [options, name] of wrong) {
    assert.throws(() => pair(options), { name }, JSON.stringify(options));
  }
  const { stall, resume, client } = pair();
  client.close();
  for (const it of [stall, resume]) assert.throws(() => it("back" as "toClient"), TypeError);
});
