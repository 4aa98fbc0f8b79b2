// Topics that keep a history, in one process: what history() takes, and what goes over the wire.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Broker, connect } from "@isosocket/isosocket";
import { history, type HistoryPosition, type TopicHistory } from "@isosocket/isosocket/history";
import { FakeClock, MemoryBroker, pair, scriptedServer } from "@isosocket/isosocket/testing";
import { RECOVER_PROTOCOL } from "../../../src/protocol/recovery.ts";
import { ChannelLogs } from "../../../src/pubsub/broker/channel_logs.ts";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { client, ENGINES, start } from "./history_servers.ts";

const KEPT = { size: 10, ttl: 1000 };

test("history() refuses wrong options, and beginnings that overlap", () => {
  assert.throws(() => history(undefined as never), TypeError);
  assert.throws(() => history({ a: {} as never }), RangeError);
  for (const size of [0, 1.5, -1, NaN, "1"]) {
    assert.throws(() => history({ a: { ...KEPT, size: size as number } }), RangeError);
  }
  for (const ttl of [0, -1, NaN]) assert.throws(() => history({ a: { ...KEPT, ttl } }), RangeError);
  assert.throws(() => history({ a: { ...KEPT, sise: 1 } as never }), /sise/);
  assert.throws(() => history({ a: KEPT, ab: KEPT }), /"ab" begins with "a"/);
  assert.throws(() => pair({ history: {} as never }), /Cannot use history/);
});

test("a history belongs to one server, and publishes only for it", async () => {
  const topics = history({ "room:": KEPT });
  await assert.rejects(topics.publish("room:1", "x"), /no server has this history/);
  const { hub } = pair({ history: topics });
  assert.throws(() => pair({ history: topics }), /another server has it already/);
  assert.equal((await topics.publish("room:1", "x")).offset, 1);
  await assert.rejects(topics.publish("news", "x"), /it keeps no history/);
  await assert.rejects(topics.publish("room:1", Symbol() as never), TypeError);
  await assert.rejects(
    (topics.publish as (topic: string) => Promise<unknown>)("room:1"),
    TypeError,
  );
  assert.throws(() => hub.publish("room:1", "x"), /whose own publish\(\) has to be called/);
  assert.equal(hub.publish("news", "x"), 0);
  await hub.close({ deadline: 0 });
  await assert.rejects(topics.publish("room:1", "x"), /the server is closed/);
});

for (const engine of ENGINES) {
  test(`${engine}: without the subprotocol, nothing is different on the wire`, async () => {
    const { server, topics, sockets, [Symbol.asyncDispose]: end } = await start({ engine });
    const socket = connect(`${server.url}room:1`, {
      protocols: ["chat"],
      binaryType: "arraybuffer",
    });
    const heard: unknown[] = [];
    socket.onmessage = ({ data }) => void heard.push(data);
    await socket.opened;
    await until(() => server.subscribers("room:1") === 1 && sockets[0]!.readyState === 1, "open");
    await topics.publish("room:1", "\x01m1");
    await topics.publish("room:1", new Uint8Array([1, 2]));
    sockets[0]!.send("\x01");
    await until(() => heard.length === 3, "all");
    assert.equal(socket.protocol, "chat");
    assert.deepEqual(heard, ["\x01m1", new Uint8Array([1, 2]).buffer, "\x01"]);
    await end();
  });

  test(`${engine}: what a program sends arrives as it is, whatever it begins with`, async () => {
    const { server, topics, sockets, [Symbol.asyncDispose]: end } = await start({ engine });
    const { socket, messages, states } = client(() => `${server.url}room:1,news`, {
      protocols: ["chat"],
    });
    await until(() => states.length === 1, "the state");
    assert.equal(socket.protocol, "chat");
    const [peer] = sockets;
    assert.equal(peer!.protocol, "chat");
    const bytes = new Uint8Array([1, 109, 10]);
    const state = '\x01s["room:1","x",7,true]';
    for (const data of ["\x01", state, bytes, new Blob([bytes])]) peer!.send(data);
    await until(() => messages.length === 4, "what was sent");
    server.publish("news", state);
    server.publish("news", bytes);
    await topics.publish("room:1", state);
    await topics.publish("room:1", bytes);
    await until(() => messages.length === 8, "all");
    const { buffer } = bytes;
    assert.deepEqual(messages, ["\x01", state, buffer, buffer, state, buffer, state, buffer]);
    assert.equal(states.length, 1);
    const heard: unknown[] = [];
    peer!.onmessage = ({ data }) => void heard.push(data);
    for (const data of ["\x01h[]", "x"]) socket.send(data);
    await until(() => heard.length === 2, "the client's");
    assert.deepEqual(heard, ["\x01h[]", "x"]);
    socket.close();
    await end();
  });
}

test("the state of a topic comes before its messages, and the order is that of publish()", async () => {
  const { server, topics, sockets, [Symbol.asyncDispose]: end } = await start();
  const one = client(() => `${server.url}room:1`);
  await until(() => one.states.length === 1, "the first connection");
  for (let i = 0; i < 5; i++) await topics.publish("room:1", `${i}`);
  await until(() => one.messages.length === 5, "five");
  sockets[0]!.terminate();
  for (let i = 5; i < 10; i++) await topics.publish("room:1", `${i}`);
  await until(() => one.messages.length === 10, "ten");
  assert.deepEqual(one.log, [
    { topic: "room:1", recovered: undefined },
    ...["0", "1", "2", "3", "4"],
    { topic: "room:1", recovered: true },
    ...["5", "6", "7", "8", "9"],
  ]);
  one.socket.close();
  await end();
});

test("binary messages are Blobs where the client asks for them, also later", async () => {
  const { server, topics, [Symbol.asyncDispose]: end } = await start();
  const { socket, messages, states } = client(() => `${server.url}room:1`, { binaryType: "blob" });
  await until(() => states.length === 1, "the state");
  await topics.publish("room:1", new Uint8Array([1, 2]));
  await until(() => messages.length === 1, "a Blob");
  assert.deepEqual(
    new Uint8Array(await (messages[0] as Blob).arrayBuffer()),
    new Uint8Array([1, 2]),
  );
  assert.equal(socket.binaryType, "blob");
  socket.binaryType = "arraybuffer";
  await topics.publish("room:1", new Uint8Array([3]));
  await until(() => messages.length === 2, "an ArrayBuffer");
  assert.deepEqual(messages[1], new Uint8Array([3]).buffer);
  socket.close();
  await end();
});

test("a subscriber for whom too much waits gets the rest later, in order, and nothing twice", async () => {
  const topics = history({ "room:": { size: 100, ttl: 3_600_000 } });
  const limits = { maxBuffered: 200_000, lowWaterMark: 100_000, overflow: "drop" as const };
  const server = scriptedServer(undefined, { ...limits, history: topics });
  const { socket, messages, states } = client(() => "ws://memory.invalid/", {
    WebSocket: server.WebSocket,
  });
  const peer = await server.accept();
  peer.socket.subscribe("room:1");
  await until(() => states.length === 1, "the state");
  peer.stall();
  const numbers = Array.from({ length: 35 }, (_, at) => at);
  const text = "x".repeat(10_000);
  await Promise.all(numbers.map((at) => topics.publish("room:1", `${at} ${text}`)));
  assert.ok(server.hub.stats().dropped > 0);
  peer.resume();
  await until(() => messages.length === 35, "all");
  await topics.publish("room:1", "35");
  await until(() => messages.length === 36, "what follows");
  assert.deepEqual(messages.map((it) => parseInt(it as string)), [...numbers, 35]);
  assert.equal(states.length, 1);
  socket.close();
  await server.hub.close({ deadline: 0 });
});

test("recovered is false if what was missed exceeds maxBuffered", async () => {
  const topics = history({ "room:": { size: 100, ttl: 3_600_000 } });
  const limits = { maxBuffered: 50_000, lowWaterMark: 20_000 };
  const server = scriptedServer(undefined, { ...limits, history: topics });
  const text = "x".repeat(10_000);
  const { epoch } = await topics.publish("room:1", text);
  for (let i = 0; i < 8; i++) await topics.publish("room:1", text);
  for (const [offset, recovered] of [[1, false], [6, true]] as const) {
    const since = { "room:1": { epoch, offset } };
    const options = { WebSocket: server.WebSocket };
    const { socket, states, messages } = client(() => "ws://memory.invalid/", options, since);
    (await server.accept()).socket.subscribe("room:1");
    await until(() => states.length === 1, "the state");
    assert.deepEqual(states, [{ topic: "room:1", recovered }]);
    await topics.publish("room:1", "next");
    await until(() => messages.at(-1) === "next", "what follows");
    socket.close();
  }
  await server.hub.close({ deadline: 0 });
});

test("a topic that is subscribed to while the broker is being connected to misses nothing", async () => {
  const topics = history({ "room:": KEPT });
  const { hub, server, client: peer } = pair({ broker: new MemoryBroker(), history: topics });
  const heard: unknown[] = [];
  peer.onmessage = ({ data }) => void heard.push(data);
  server.subscribe("room:1"); // it is not among the channels of the connection that has begun
  await until(() => hub.stats().broker!.up && server.readyState === 1, "up");
  await topics.publish("room:1", "one");
  await until(() => heard.length === 1, "the message");
  await hub.close({ deadline: 0 });
});

test("recovery is an option of one socket", async () => {
  const { server, [Symbol.asyncDispose]: end } = await start();
  const one = client(() => server.url);
  const other = client(() => server.url);
  assert.throws(() => other.recovery.wrap.call(one.recovery, { open() {} }), TypeError);
  for (const { socket } of [one, other]) socket.close();
  await end();
});

test("a client is told after 5 seconds that the broker is away, and again when it is back", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  broker.stop();
  const topics = history({ "room:": KEPT });
  const server = scriptedServer(undefined, { clock, broker, history: topics });
  const socket = server.connect("ws://memory.invalid/", { protocols: [RECOVER_PROTOCOL] });
  const heard: unknown[] = [];
  socket.onmessage = ({ data }) => void heard.push(data);
  const accepted = server.accept();
  await clock.advance(0);
  const peer = await accepted;
  peer.socket.subscribe("room:1");
  socket.send('\x01h[["room:1","earlier",7]]');
  await clock.advance(4000);
  assert.deepEqual(heard, []);
  await clock.advance(2000);
  assert.deepEqual(heard, ['\x01s["room:1","",0,false]']);
  await assert.rejects(topics.publish("room:1", "x"), /the broker is down/);
  broker.start();
  await clock.advance(5000);
  const { epoch } = await publishedOn(clock, topics);
  assert.deepEqual(heard.slice(1), [
    `\x01s["room:1","${epoch}",0,false]`,
    '\x01m1 "room:1"\nback',
  ]);
  const closed = server.hub.close({ deadline: 0 });
  await clock.advance(1000);
  await closed;
});

async function publishedOn(clock: FakeClock, topics: TopicHistory): Promise<HistoryPosition> {
  const published = topics.publish("room:1", "back");
  await clock.advance(10);
  return await published;
}

test("messages are forgotten by their time, and positions later", () => {
  let now = 0;
  const logs = new ChannelLogs(() => now);
  const entry = { size: 3, ttl: 1000, node: "a" };
  const limits = { after: 0, messages: 10, bytes: 100 };
  for (let number = 1; number <= 5; number++) logs.append("x", "m", { ...entry, number });
  const { epoch } = logs.read("x", limits);
  assert.deepEqual(logs.read("x", limits).messages.map(({ offset }) => offset), [3, 4, 5]);
  assert.equal(logs.read("x", limits).floor, 2);
  assert.equal(logs.read("x", { ...limits, bytes: 2 }).floor, 3);
  now = 1001;
  for (const name of ["y", "z"]) logs.read(name, limits); // others are looked at by the way
  assert.deepEqual(logs.read("x", limits), { epoch, top: 5, floor: 5, messages: [] });
  now = 2 * 86_400_000;
  assert.notEqual(logs.read("x", limits).epoch, epoch);
});

test("a broker without histories is reported, and publish() says so", async () => {
  const plain = new MemoryBroker();
  const broker: Broker = {
    connect(events) {
      const { append: _, read: __, ...connection } = plain.connect(events);
      return connection;
    },
  };
  const errors: unknown[] = [];
  const topics = history({ "room:": KEPT });
  const { hub, server } = pair({ broker, history: topics, onError: (error) => errors.push(error) });
  server.subscribe("room:1");
  await until(() => errors.length > 0, "a report");
  assert.match(String(errors[0]), /Cannot read the history of topic "room:1"/);
  await assert.rejects(topics.publish("room:1", "x"), /the broker keeps no history/);
  await hub.close({ deadline: 0 });
  assert.equal(errors.length, 1);
});
