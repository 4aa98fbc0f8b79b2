// Who is there, at one server and at several, by a clock that the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { presence } from "@isosocket/isosocket/presence";
import { FakeClock, MemoryBroker, pair } from "@isosocket/isosocket/testing";
import { closeAll, lifeline, type PresenceServer, presenceServer } from "./presence_servers.ts";

/** Makes servers with one broker, and lets them find each other. */
async function several(
  count: number,
  broker: MemoryBroker,
  clock: FakeClock,
): Promise<PresenceServer[]> {
  const servers = Array.from({ length: count }, () => presenceServer(broker, clock));
  await clock.advance(500);
  return servers;
}

test("one server: members, metas, updates, and the grace", async () => {
  const clock = new FakeClock();
  const server = presenceServer(undefined, clock);
  const { people, changes } = server;
  const [phone, laptop] = [await server.socket(), await server.socket()];
  people.join(phone, "room", "Ann", 1);
  assert.equal(server.list(), "Ann:1"); // at once
  assert.deepEqual(changes, []); // a microtask later
  people.join(laptop, "room", "Ann", 2);
  await clock.advance(0);
  assert.deepEqual(changes.splice(0), ["+Ann"]);
  people.join(laptop, "room", "Ann", 2);
  await clock.advance(0);
  assert.deepEqual(changes, []);
  people.leave(laptop, "room");
  people.join(laptop, "room", "Ann", 2); // all is as it was
  await clock.advance(0);
  assert.deepEqual(changes, []);
  people.join(laptop, "room", "Ann", 3);
  await clock.advance(0);
  assert.deepEqual([server.list(), changes.splice(0)], ["Ann:1,3", ["~Ann"]]);

  phone.close();
  laptop.close();
  await clock.advance(4000);
  assert.deepEqual([server.list(), changes], ["Ann:1,3", []]);
  people.join(phone, "room", "Ann", 1); // it is CLOSED
  people.join(await server.socket(), "room", "Ann", 3); // takes the laptop's place
  await clock.advance(2000);
  assert.deepEqual([server.list(), changes.splice(0)], ["Ann:3", ["~Ann"]]);
  const other = await server.socket();
  people.join(other, "room", "Bob");
  people.join(other, "room", "Cid"); // one socket has one key in a topic
  people.join(other, "hall", "Cid");
  await clock.advance(0);
  assert.deepEqual(changes.splice(0), ["+Cid", "+Cid"]);
  people.leave(other, "room");
  people.leave(other, "room");
  await clock.advance(0);
  assert.deepEqual([server.list(), server.list("hall"), changes], ["Ann:3", "Cid:null", ["-Cid"]]);
  await closeAll(clock);
  assert.deepEqual(clock.timers, []);
});

test("several servers: what changes is known within 150 ms, one key is one member", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const [one, two, three] = await several(3, broker, clock) as [
    PresenceServer,
    PresenceServer,
    PresenceServer,
  ];
  const [ann, too] = [await one.socket(), await two.socket()];
  one.people.join(ann, "room", "Ann", "one");
  two.people.join(too, "room", "Ann", "two");
  await clock.advance(150);
  for (const it of [one, two, three]) assert.equal(it.list(), 'Ann:"one","two"');
  assert.equal(three.changes.splice(0)[0], "+Ann");
  one.people.leave(ann, "room");
  await clock.advance(150);
  assert.deepEqual([three.list(), three.changes.splice(0)], ['Ann:"two"', ["~Ann"]]);

  const late = presenceServer(broker, clock);
  await clock.advance(200); // it asks for all
  assert.deepEqual([late.list(), late.changes], ['Ann:"two"', ["+Ann"]]);
  const closed = two.hub.close({ deadline: 0 });
  await clock.advance(150); // it says goodbye: there is no grace
  assert.deepEqual([late.list(), late.changes.at(-1)], ["", "-Ann"]);
  await closed;
  await closeAll(clock);
  assert.deepEqual([broker.connections, clock.timers], [0, []]);
});

test("who comes back to another server within the grace has neither left nor joined", async () => {
  const clock = new FakeClock();
  const [one, two] = await several(2, new MemoryBroker(), clock);
  const ann = await one!.socket();
  one!.people.join(ann, "room", "Ann", "a");
  await clock.advance(100);
  const before = [one!, two!].map(({ changes }) => changes.splice(0));
  assert.deepEqual(before, [["+Ann"], ["+Ann"]]);
  ann.close();
  await clock.advance(3000);
  two!.people.join(await two!.socket(), "room", "Ann", "a");
  await clock.advance(10_000);
  for (const { changes, list } of [one!, two!]) {
    assert.equal(list(), 'Ann:"a"');
    assert.deepEqual(changes.filter((it) => it !== "~Ann"), []);
  }
  await closeAll(clock);
});

test("the members of a server that is killed are gone 12 s later, once", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const line = lifeline(broker);
  const killed = presenceServer(line, clock);
  const [one, two] = await several(2, broker, clock);
  for (const name of ["Ann", "Bob"]) {
    killed.people.join(await killed.socket(), "room", name);
  }
  one!.people.join(await one!.socket(), "room", "Bob");
  await clock.advance(4000);
  one!.changes.length = two!.changes.length = 0;
  line.kill();
  await clock.advance(7000);
  assert.deepEqual([two!.list(), two!.changes], ["Ann:null Bob:null,null", []]);
  await clock.advance(6000);
  for (const { changes, list } of [one!, two!]) {
    assert.deepEqual([list(), changes], ["Bob:null", ["-Ann ~Bob"]]);
  }
  await clock.advance(30_000);
  assert.equal(two!.changes.length, 1);
  await closeAll(clock);
});

test("messages that are lost or come twice change nothing in the end", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const [one, two] = await several(2, broker, clock);
  const sockets = [await one!.socket(), await one!.socket()];
  broker.lose();
  one!.people.join(sockets[0]!, "room", "Ann");
  await clock.advance(60);
  assert.equal(two!.list(), "");
  one!.people.join(sockets[1]!, "room", "Bob"); // shows that one is missing
  await clock.advance(150);
  assert.equal(two!.list(), "Ann:null Bob:null");
  broker.lose();
  one!.people.leave(sockets[0]!, "room");
  await clock.advance(60);
  assert.equal(two!.list(), "Ann:null Bob:null");
  await clock.advance(4200); // a heartbeat shows it
  assert.equal(two!.list(), "Bob:null");
  broker.duplicate(20);
  one!.people.leave(sockets[1]!, "room");
  one!.people.join(sockets[0]!, "room", "Ann");
  await clock.advance(60);
  one!.people.leave(sockets[0]!, "room");
  await clock.advance(10_000);
  assert.deepEqual([two!.list(), two!.changes.slice(-2)], ["", ["+Ann -Bob", "-Ann"]]);

  const old: Uint8Array[] = [];
  const witness = broker.connect({
    message: (_channel, message) => void old.push(message as Uint8Array),
    closed() {},
  });
  await witness.subscribe("presence:");
  one!.people.join(sockets[0]!, "room", "Ann");
  await clock.advance(60);
  const joined = old.splice(0);
  one!.people.leave(sockets[0]!, "room");
  await clock.advance(60);
  for (const message of joined) await witness.publish("presence:", message);
  await clock.advance(10);
  assert.ok(joined.length > 0);
  assert.equal(two!.list(), "");
  await closeAll(clock);
});

test("while the broker is down, others stay and are stale, until they are silent for too long", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const [one, two] = await several(2, broker, clock);
  one!.people.join(await one!.socket(), "room", "Ann");
  const leaving = await one!.socket();
  one!.people.join(leaving, "room", "Bob");
  await clock.advance(100);
  two!.changes.length = 0;
  broker.stall();
  await clock.advance(5000);
  assert.deepEqual([one!.list(), two!.list()], ["Ann:null Bob:null", "Ann:null? Bob:null?"]);
  one!.people.leave(leaving, "room");
  await clock.advance(2000);
  broker.resume();
  await clock.advance(3000);
  assert.deepEqual([two!.list(), two!.changes.splice(0)], ["Ann:null", ["-Bob"]]);

  broker.cut();
  await clock.advance(3000);
  assert.deepEqual([two!.list(), two!.changes], ["Ann:null", []]);

  broker.stop();
  await clock.advance(13_000);
  assert.deepEqual([one!.list(), two!.list(), two!.changes], ["Ann:null", "", ["-Ann"]]);
  broker.start();
  await clock.advance(4000);
  assert.deepEqual([two!.list(), two!.changes], ["Ann:null", ["-Ann", "+Ann"]]);
  await closeAll(clock);
});

test("a machine that sleeps for an hour loses nobody", async () => {
  const clock = new FakeClock();
  const [one, two] = await several(2, new MemoryBroker(), clock);
  one!.people.join(await one!.socket(), "room", "Ann");
  await clock.advance(1000);
  await clock.sleep(3_600_000);
  await clock.advance(30_000);
  assert.deepEqual([two!.list(), two!.changes], ["Ann:null", ["+Ann"]]);
  await closeAll(clock);
});

for (const binary of [true, false]) {
  test(`a heartbeat costs the same for 10,000 members (${binary ? "bytes" : "text"})`, async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker({ binary, maxMessage: 8000 });
    const lines = [1, 2, 3].map(() => lifeline(broker));
    const [one, two, three] = lines.map((line) => presenceServer(line, clock));
    for (let i = 0; i < 100; i++) {
      const socket = await one!.socket();
      for (let room = 0; room < 100; room++) {
        one!.people.join(socket, `room ${room}`, `member ${i} \u{1f600}`);
      }
    }
    await clock.advance(500);
    assert.equal(two!.list("room 7").split("null").length - 1, 100);
    lines[0]!.said.messages = lines[0]!.said.bytes = 0;
    await clock.advance(60_000);
    const { messages, bytes } = lines[0]!.said;
    assert.equal(messages, 15);
    assert.ok(bytes < 15 * 120, `${bytes} bytes`);
    const late = presenceServer(broker, clock);
    await clock.advance(200); // in parts that the broker takes
    assert.equal(late.people.list("room 7").length, 100);
    for (const { errors, hub } of [one!, two!, three!, late]) {
      assert.deepEqual([errors, hub.stats().broker!.ignored], [[], 0]);
    }
    await closeAll(clock);
  });
}

test("messages of others are not trusted", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const [one, two] = await several(2, broker, clock);
  two!.people.join(await two!.socket(), "room", "Ann");
  await clock.advance(100);
  const forger = broker.connect({ message() {}, closed() {} });
  const encoder = new TextEncoder();
  const long = "x".repeat(70_000);
  const contents = [
    "",
    "null",
    "7",
    "{",
    `{"type":"change"}`,
    `{"type":"change","changes":[[1,"room","Eve"]]}`,
    `{"type":"change","changes":[[1,"","Eve",0]]}`,
    `{"type":"change","changes":[[1,"room","Eve","${long}"]]}`,
    `{"type":"change","changes":[[-1,"room","Eve",0]]}`,
    `{"type":"change","changes":[[1,"room",["Eve"],0]]}`,
    `{"type":"state","part":1,"parts":1,"entries":[7]}`,
    `{"type":"state","part":"1","parts":1,"entries":[]}`,
    `{"type":"heartbeat","size":-1,"digest":0}`,
    `{"type":"ask"}`,
    `{"type":"__proto__"}`,
  ];
  for (const content of contents) {
    await forger.publish("presence:", encoder.encode(`1 forgerforger 1 t\n${content}`));
  }
  await forger.publish("presence:", encoder.encode("no header"));
  await forger.publish("presence:", encoder.encode("1 forgerforger 1 b\nbytes"));
  await forger.publish("presence:", encoder.encode("1 forgerforger 1 m\n"));
  await clock.advance(100);
  assert.equal(one!.hub.stats().broker!.ignored, contents.length + 3);
  assert.equal(one!.list(), "Ann:null");
  const deep = `{"type":"state","part":1,"parts":1,"entries":[[1,"room","Eve",{"__proto__":[]}]]}`;
  await forger.publish("presence:", encoder.encode(`1 forgerforger 9 t\n${deep}`));
  await clock.advance(100);
  assert.equal(one!.list(), `Ann:null Eve:{"__proto__":[]}`);
  await clock.advance(13_000); // it was not heard again
  assert.equal(one!.list(), "Ann:null");
  await closeAll(clock);
});

test("no topic of the program is that of presence", async () => {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const [one, two] = await several(2, broker, clock);
  const socket = await one!.socket();
  for (const name of ["presence:", "presence"]) {
    socket.subscribe(name);
    await clock.advance(10);
    two!.hub.publish(name, `{"type":"end"}`);
  }
  await clock.advance(5000);
  assert.equal(one!.hub.stats().broker!.ignored, 0);
  assert.equal(one!.hub.stats().sent.messages, 2);
  await closeAll(clock);
});

test("`local` keeps a message at its server", async () => {
  const clock = new FakeClock();
  const [one, two] = await several(2, new MemoryBroker(), clock);
  for (const it of [one!, two!]) (await it.socket()).subscribe("room");
  await clock.advance(10);
  assert.equal(one!.hub.publish("room", "here", { local: true }), 1);
  await clock.advance(10);
  assert.equal(two!.hub.stats().sent.messages, 0);
  one!.hub.publish("room", "everywhere", { local: false });
  await clock.advance(10);
  assert.equal(two!.hub.stats().sent.messages, 1);
  await closeAll(clock);
});

test("wrong arguments, listeners that throw, and members that the broker cannot take", async () => {
  const clock = new FakeClock();
  const line = lifeline(new MemoryBroker({ maxMessage: 500 }));
  const server = presenceServer(line, clock);
  const { people, errors } = server;
  const socket = await server.socket();
  assert.throws(() => presence({ grace: -1 }), RangeError);
  assert.throws(() => presence({ maxMeta: 70_000 }), RangeError);
  assert.throws(() => presence({ graze: 1 } as object), /did you mean "grace"/);
  assert.throws(() => presence().join(socket, "room", "Ann"), /no server has this presence/);
  assert.throws(() => people.join(socket, "", "Ann"), TypeError);
  assert.throws(() => people.join(socket, "room", 7 as never), TypeError);
  assert.throws(() => people.join(socket, "room", "x".repeat(257)), RangeError);
  assert.throws(() => people.join(socket, "room", "Ann", () => {}), TypeError);
  assert.throws(() => people.join(socket, "room", "Ann", "\u{1f600}".repeat(256)), RangeError);
  const foreign = pair({ clock });
  assert.throws(() => people.join(foreign.server, "room", "Ann"), /of the server with this/);
  assert.throws(() => people.onChange(undefined as never), TypeError);
  assert.throws(() => people.attach({}), /another server/);
  assert.equal(server.list(), "");

  const stop = people.onChange(() => {
    throw new Error("mine");
  });
  people.join(socket, "room", "Ann");
  await clock.advance(1000);
  assert.deepEqual(errors.map(String), ["Error: mine"]);
  assert.deepEqual(server.changes, ["+Ann"]);
  stop();
  people.join(socket, "room", "Ann", "x".repeat(900));
  await clock.advance(1000);
  assert.match(`${errors[1]}`, /RangeError: Cannot tell other servers .* at most 500/);
  await closeAll(clock);
});
