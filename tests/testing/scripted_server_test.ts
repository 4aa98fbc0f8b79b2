// A server in memory with a script: the clients that it accepts, refuses and ignores.

import type { ConnectFailure } from "@isosocket/isosocket";
import { type ScriptedPeer, scriptedServer, Socket } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { ADDRESS, clockedServer } from "./clocked_server.ts";

test("a script speaks with one client after another", async () => {
  const { server } = clockedServer(async (server) => {
    const first = await server.accept();
    assert.equal(first.socket.readyState, Socket.OPEN);
    first.send("who is it?");
    assert.equal(await first.next(), "me");
    assert.deepEqual(await first.next(), new Uint8Array([1, 2]).buffer);
    first.close(1012, "again, please");
    assert.equal((await first.closed).code, 1012);
    const second = await server.accept();
    assert.equal((await second.closed).code, 1005);
  });
  const one = new server.WebSocket(ADDRESS);
  const log = new EventLog(one);
  one.onmessage = () => {
    one.send("me");
    one.send(new Uint8Array([1, 2]));
  };
  const { code, reason, wasClean } = await log.next("close");
  assert.deepEqual([code, reason, wasClean], [1012, "again, please", true]);
  assert.deepEqual(log.types, ["open", "message", "close"]);
  const two = new server.WebSocket(ADDRESS);
  two.onopen = () => two.close();
  await server.done;
});

test("its class is the standard's, by address, subprotocols and checks", async () => {
  const { server } = clockedServer();
  const socket = new server.WebSocket("https://chat.invalid/#".slice(0, -1), ["a", "b"]);
  assert.deepEqual(Object.getOwnPropertyNames(server.WebSocket.prototype).includes("send"), true);
  assert.equal(String(socket), "[object WebSocket]");
  assert.deepEqual([server.WebSocket.name, server.WebSocket.OPEN], ["WebSocket", 1]);
  assert.throws(() => new server.WebSocket("ftp://chat.invalid/"), { name: "SyntaxError" });
  assert.throws(() => new server.WebSocket(ADDRESS, "two words"), { name: "SyntaxError" });
  const { url, protocols } = await server.call();
  assert.deepEqual([url, protocols], ["wss://chat.invalid/", ["a", "b"]]);
  assert.equal(server.calls.length, 1);
});

test("the first subprotocol that is offered is chosen, or the one that the script says", async () => {
  const cases: [string[], string | undefined, string, number][] = [
    [[], undefined, "", 1],
    [["a", "b"], undefined, "a", 1],
    [["a", "b"], "b", "b", 1],
    [["a"], "", "", 3], // the client must fail
    [["a"], "c", "", 3],
    [[], "c", "", 3],
  ];
  for (const [offered, protocol, agreed, state] of cases) {
    const { server, clock } = clockedServer();
    const socket = new server.WebSocket(ADDRESS, offered);
    const accepted = server.accept(protocol === undefined ? {} : { protocol });
    await clock.advance(0);
    assert.deepEqual(
      [socket.protocol, socket.readyState],
      [agreed, state],
      `${offered} ${protocol}`,
    );
    const peer = await accepted;
    if (state === 1) assert.equal(peer.socket.protocol, agreed);
    else assert.equal((await peer.closed).code, 1006);
  }
});

test("a refusal is error, then close with 1006, and the cause of the error has the status", async () => {
  const { server } = clockedServer();
  const log = new EventLog(new server.WebSocket(ADDRESS));
  const call = await server.refuse(503, { "retry-after": "5" });
  assert.equal(call.url, ADDRESS);
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["error", "close"]);
  const { message, cause } = log.errors[0] as Error;
  assert.match(message, /503.*retry-after: 5/);
  const { status, retryAfter } = cause as ConnectFailure;
  assert.deepEqual([status, retryAfter], [503, 5000]);
  assert.throws(() => call.refuse(), TypeError);
  await assert.rejects(call.accept(), TypeError);
  const other = new EventLog(new server.WebSocket(ADDRESS));
  for (const status of [101, 600, NaN]) {
    await assert.rejects(server.call().then((call) => call.refuse(status)), RangeError);
    void new server.WebSocket(ADDRESS);
  }
  (await server.call()).fail();
  assert.equal(other.types.length, 0);
});

test("a call that hangs is for its client's time limit to end", async () => {
  const { server, clock } = clockedServer();
  const socket = server.connect(ADDRESS, { timeout: 3000 });
  const log = new EventLog(socket);
  const call = await server.hang();
  await clock.advance(2999);
  assert.deepEqual([log.types, call.over], [[], false]);
  await clock.advance(1);
  assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual(log.types, ["error", "close"]);
  assert.deepEqual([call.over, clock.timers], [true, []]);
  await assert.rejects(call.accept(), /the client left/);
});

test("clients that have given up are skipped", async () => {
  const { server, clock } = clockedServer();
  const gone = new server.WebSocket(ADDRESS);
  await clock.advance(0);
  gone.close();
  await clock.advance(0);
  const stays = new server.WebSocket("ws://chat.invalid/second");
  const peer = await server.accept();
  assert.equal(peer.socket.url, "ws://chat.invalid/second");
  assert.equal(server.calls.length, 2);
  stays.close();
  await peer.closed;
});

test("when a script has ended, callers are refused, and done settles as it ended", async () => {
  const { server, clock } = clockedServer((server) => server.accept());
  const sockets = [ADDRESS, ADDRESS].map((url) => new server.WebSocket(url));
  await clock.advance(0);
  await server.done;
  assert.deepEqual(sockets.map(({ readyState }) => readyState), [1, 3]);
  const late = new EventLog(new server.WebSocket(ADDRESS));
  await late.next("close");
  const { message, cause } = late.errors[0] as Error;
  assert.match(message, /nobody listens/);
  assert.equal((cause as ConnectFailure).code, "ECONNREFUSED");

  const wrong = new Error("wrong");
  const failing = clockedServer(async (server) => {
    await server.accept();
    throw wrong;
  });
  void new failing.server.WebSocket(ADDRESS);
  await assert.rejects(failing.server.done, wrong);
});

test("next() keeps what came before it was called, and rejects after the end", async () => {
  const { server, clock } = clockedServer();
  const socket = new server.WebSocket(ADDRESS);
  socket.onopen = () => {
    socket.send("one");
    socket.send("two");
    socket.close(4000);
  };
  const peer = await server.accept();
  await clock.advance(0);
  assert.deepEqual([await peer.next(), await peer.next()], ["one", "two"]);
  await assert.rejects(peer.next(), /ended with code 4000/);
});

test("a peer can be cut, stalled and made to vanish, each connection by itself", async () => {
  const { server, clock } = clockedServer();
  const connected = async (): Promise<[EventLog, ScriptedPeer, Socket]> => {
    const socket = new server.WebSocket(ADDRESS);
    const log = new EventLog(socket);
    const peer = await server.accept();
    await clock.advance(0);
    return [log, peer, socket];
  };
  const [cut, cutPeer] = await connected();
  const [stalled, stalledPeer] = await connected();
  const [half, halfPeer, halfSocket] = await connected();
  cutPeer.cut();
  stalledPeer.stall("toClient");
  halfPeer.vanish();
  for (const peer of [cutPeer, stalledPeer, halfPeer]) peer.send("hello");
  await clock.advance(0);
  assert.deepEqual(cut.types, ["open", "error", "close"]);
  assert.deepEqual([stalled.types, half.types], [["open"], ["open"]]);
  assert.equal(stalledPeer.socket.bufferedAmount, 5);
  stalledPeer.resume();
  await clock.advance(0);
  assert.deepEqual(stalled.data, ["hello"]);
  halfSocket.close();
  const closed = server.hub.close({ deadline: 1000 });
  await clock.advance(10_000);
  assert.deepEqual(await closed, { closed: 1, terminated: 1 });
  assert.deepEqual(half.types, ["open", "error", "close"]);
  assert.deepEqual(clock.timers, []);
});

test("latency, limits and faults are those of each connection", async () => {
  const { server, clock } = clockedServer(undefined, {
    latency: 50,
    dropAfter: 1000,
    maxPayload: 10,
  });
  const socket = new server.WebSocket(ADDRESS);
  const log = new EventLog(socket);
  let peer: ScriptedPeer | undefined;
  server.accept().then((it) => peer = it);
  await clock.advance(49);
  assert.equal(peer, undefined);
  await clock.advance(1);
  assert.equal(peer!.socket.readyState, Socket.OPEN);
  assert.equal(socket.readyState, Socket.CONNECTING);
  await clock.advance(50 + 999);
  assert.deepEqual(log.types, ["open"]);
  await clock.advance(1);
  assert.deepEqual(log.types, ["open", "error", "close"]);
  const second = new server.WebSocket(ADDRESS);
  const other = new EventLog(second);
  second.onopen = () => second.send("too long for it");
  server.accept();
  await clock.advance(200);
  assert.equal((await other.next("close")).code, 1009);
  assert.throws(() => scriptedServer(undefined, { latency: -1 }), RangeError);
});
