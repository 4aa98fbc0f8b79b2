// Whom a runtime publishes to by itself, and whom the topic sends to one by one: with links that are
// lists, and a runtime that is one too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerCore } from "../../src/server/server_core.ts";
import type { SocketOptions } from "../../src/server/options.ts";
import type { Broadcast, Link, LinkEvents } from "../../src/core/link.ts";
import type { ServerSocket } from "../../src/server/server_socket.ts";
import { queueTask } from "../../src/core/task.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";

/** The topics of a runtime. */
class Runtime implements Broadcast {
  readonly hidden = 1000;
  readonly members: Map<string, Set<Listed>> = new Map();
  /** What was published, and who was left out. */
  readonly published: [data: unknown, except: Listed | undefined][] = [];

  /** How many links have joined, over all topics. */
  get size(): number {
    return [...this.members.values()].reduce((sum, { size }) => sum + size, 0);
  }

  publish(topic: string, data: unknown, except: Listed | undefined): boolean {
    this.published.push([data, except]);
    const links = [...this.members.get(topic) ?? []];
    for (const link of links) if (link !== except) link.heard.push(data);
    return links.some((link) => link.bufferedAmount > 0);
  }
}

/** A link that lists what is sent through it by itself, and what its peer hears in all. */
class Listed implements Link {
  readonly sent: unknown[] = [];
  readonly heard: unknown[] = [];
  readonly broadcast: Runtime;
  bufferedAmount = 0;

  constructor(runtime: Runtime) {
    this.broadcast = runtime;
  }
  join(topic: string): void {
    const members = this.broadcast.members.get(topic) ?? new Set();
    assert.ok(!members.has(this), "it has joined already");
    this.broadcast.members.set(topic, members.add(this));
  }
  part(topic: string): void {
    assert.ok(this.broadcast.members.get(topic)!.delete(this), "it had not joined");
  }
  send(data: unknown): void {
    this.sent.push(data);
    this.heard.push(data);
  }
  close(): void {}
  terminate(): void {}
}

interface Made<T> {
  readonly socket: ServerSocket;
  readonly link: T;
  readonly events: LinkEvents;
  readonly log: EventLog;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => queueTask(resolve));
}

const NOBODY = { remoteAddress: undefined, httpVersion: undefined };

function makeCore(options: SocketOptions = {}): ServerCore {
  return new ServerCore(() => new Response(), { ...options, heartbeat: 0, idleTimeout: 0 });
}

async function admitted<T extends Link>(
  core: ServerCore,
  link: T,
  topic = "news",
): Promise<Made<T>> {
  let events!: LinkEvents;
  const socket = core.admit(NOBODY, { url: "ws://127.0.0.1/" }, {}, (it) => {
    events = it;
    return () => {};
  });
  socket.subscribe(topic);
  const made = { socket, events, link, log: new EventLog(socket) };
  events.opened(link, "", "");
  await made.log.next("open");
  return made;
}

function opened(core: ServerCore, runtime: Runtime, topic?: string): Promise<Made<Listed>> {
  return admitted(core, new Listed(runtime), topic);
}

test("a runtime with topics publishes to all at once, but for one", async () => {
  const [core, runtime] = [makeCore(), new Runtime()];
  const [a, b] = [await opened(core, runtime), await opened(core, runtime)];
  const { publish } = core.hub();
  assert.equal(publish("news", "one"), 2);
  assert.equal(publish("news", "two", { except: a.socket }), 1);
  assert.deepEqual(runtime.published, [["one", undefined], ["two", a.link]]);
  assert.deepEqual([a.link.sent, b.link.sent], [[], []]);
  a.socket.unsubscribe("news");
  b.socket.close();
  assert.equal(publish("news", "three"), 0);
  assert.equal(runtime.published.length, 2);
  assert.equal(runtime.size, 0);
});

test("the runtime publishes to a socket from its open event on", async () => {
  const [core, runtime] = [makeCore(), new Runtime()];
  let events!: LinkEvents;
  const socket = core.admit(NOBODY, { url: "ws://127.0.0.1/" }, {}, (it) => {
    events = it;
    return () => {};
  });
  const [link, log] = [new Listed(runtime), new EventLog(socket)];
  events.opened(link, "", "");
  socket.subscribe("news");
  const { publish } = core.hub();
  assert.equal(publish("news", "too early"), 0);
  socket.onopen = () => publish("news", "in time");
  await log.next("open");
  assert.deepEqual([link.heard, link.sent, runtime.published.length], [["in time"], [], 1]);
});

test("topics have names at the runtime that no others have", async () => {
  const [one, two, runtime] = [makeCore(), makeCore(), new Runtime()];
  const made = [await opened(one, runtime), await opened(two, runtime)];
  made.push(await opened(one, runtime, "\ud800"), await opened(one, runtime, "\udfff"));
  one.hub().publish("news", "to one");
  two.hub().publish("news", "to two");
  one.hub().publish("\ud800", "to three");
  one.hub().publish("\udfff", "to four");
  const heard = made.map(({ link }) => link.heard);
  assert.deepEqual(heard, [["to one"], ["to two"], ["to three"], ["to four"]]);
});

test("a socket that is backlogged is sent to by itself until it has drained", async () => {
  const [core, runtime] = [makeCore({ maxBuffered: 16_000, overflow: "drop" }), new Runtime()];
  const [a, b] = [await opened(core, runtime), await opened(core, runtime)];
  const { publish, stats } = core.hub();
  b.link.bufferedAmount = 1000;
  publish("news", "as much as lowWaterMark: both");
  b.link.bufferedAmount = 1001;
  publish("news", "both, but b is found out");
  assert.deepEqual([runtime.published.length, b.link.sent.length], [2, 0]);
  b.link.bufferedAmount = 15_999;
  assert.equal(publish("news", "one by one"), 2);
  b.link.bufferedAmount = 16_000;
  assert.equal(publish("news", "a only"), 1);
  assert.equal(stats().dropped, 1);
  assert.deepEqual(b.link.sent, ["one by one"]);
  b.link.bufferedAmount = 0;
  await b.log.next("drain");
  assert.equal(publish("news", "both again"), 2);
  assert.deepEqual(b.link.sent, ["one by one"]);
  assert.equal(a.link.heard.length, 5);
  assert.deepEqual(a.link.sent, []);
  for (const { socket } of [a, b]) socket.terminate();
});

test("a socket whose messages wait for a Blob is sent to by itself meanwhile", async () => {
  const [core, runtime] = [makeCore(), new Runtime()];
  const [a, b] = [await opened(core, runtime), await opened(core, runtime)];
  const { publish } = core.hub();
  const blob = new Blob(["12"]);
  let read!: () => void;
  blob.arrayBuffer = () => new Promise((resolve) => read = () => resolve(new ArrayBuffer(2)));
  a.socket.send(blob);
  assert.equal(publish("news", "one"), 2);
  assert.deepEqual([a.link.heard, b.link.heard], [[], ["one"]]);
  read();
  await until(() => runtime.size === 2);
  assert.equal(publish("news", "two"), 2);
  assert.deepEqual(a.link.sent, [new Uint8Array(2), "one"]);
  assert.deepEqual(a.link.heard, [new Uint8Array(2), "one", "two"]);
  assert.deepEqual(b.link.sent, []);
});

test("a Blob is sent one by one, and what follows at once again", async () => {
  const [core, runtime] = [makeCore(), new Runtime()];
  const both = [await opened(core, runtime), await opened(core, runtime)];
  const { publish } = core.hub();
  assert.equal(publish("news", new Blob(["12"])), 2);
  assert.equal(publish("news", "behind"), 2);
  assert.deepEqual(runtime.published, []);
  await until(() => runtime.size === 2);
  publish("news", "at once");
  for (const { link } of both) assert.deepEqual(link.heard.slice(1), ["behind", "at once"]);
  assert.deepEqual(runtime.published, [["at once", undefined]]);
});

test("where so little may wait that the runtime could hide it, all are sent to one by one", async () => {
  for (const [maxBuffered, atOnce] of [[1066, 0], [1067, 1], [Infinity, 1]] as const) {
    const [core, runtime] = [makeCore({ maxBuffered }), new Runtime()];
    const { link } = await opened(core, runtime);
    core.hub().publish("news", "x");
    assert.equal(runtime.published.length, atOnce, `${maxBuffered}`);
    assert.deepEqual(link.heard, ["x"]);
  }
});

test("where the runtime has no topics, a link is asked what waits when it may be much", async () => {
  const sent: string[] = [];
  let [asked, waits, most] = [0, 0, 64 * 1024];
  class Asked implements Link {
    get bufferedAmount(): number {
      asked++;
      return waits;
    }
    get mostBuffered(): number {
      return most;
    }
    send = (data: string): void => void sent.push(data);
    close(): void {}
    terminate(): void {}
  }
  const core = makeCore();
  const { publish } = core.hub();
  const { socket } = await admitted(core, new Asked());
  assert.equal(publish("news", "little"), 1);
  assert.equal(asked, 0);
  [waits, most] = [1024 * 1024, most + 1];
  publish("news", "as much as lowWaterMark");
  assert.equal(asked, 1);
  waits++;
  publish("news", "more");
  assert.equal(asked, 2);
  waits = 16 * 1024 * 1024;
  assert.equal(publish("news", "too much"), 0);
  assert.equal(socket.readyState, socket.CLOSING);
  socket.terminate();
  assert.deepEqual(sent, ["little", "as much as lowWaterMark", "more"]);
});

test("sockets of several servers of the runtime are reached all the same", async () => {
  const [core, one, two] = [makeCore(), new Runtime(), new Runtime()];
  const [a, b, c] = [await opened(core, one), await opened(core, two), await opened(core, one)];
  const { publish } = core.hub();
  assert.equal(publish("news", "1", { except: a.socket }), 2);
  assert.equal(publish("news", "2", { except: b.socket }), 2);
  assert.deepEqual([a, b, c].map(({ link }) => link.heard), [["2"], ["1"], ["1", "2"]]);
  a.socket.unsubscribe("news");
  c.socket.unsubscribe("news");
  const d = await opened(core, two); // the first in an empty broadcast set decides its server
  assert.equal(publish("news", "3"), 2);
  assert.deepEqual([b.link.heard, d.link.heard], [["1", "3"], ["3"]]);
  assert.equal(two.published.length, 1);
});

test("whoever sees in bufferedAmount that too much waits gets drain", async () => {
  const [core, runtime] = [makeCore({ maxBuffered: 16_000 }), new Runtime()];
  const { socket, link, log } = await opened(core, runtime);
  core.hub().publish("news", "hidden at first");
  link.bufferedAmount = 5000;
  assert.equal(socket.bufferedAmount, 5000);
  link.bufferedAmount = 500;
  await log.next("drain");
  assert.equal(socket.bufferedAmount, 500);
});
