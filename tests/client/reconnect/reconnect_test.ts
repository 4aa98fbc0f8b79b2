// reconnect(): one interface across connections, and how it ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Socket } from "../../../src/core/socket.ts";
import { ReconnectHarness, settled } from "./harness.ts";

test("a socket is a WebSocket, and its events are those of its connections", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect();
  assert.ok(socket instanceof EventTarget);
  assert.equal(String(socket), "[object WebSocket]");
  assert.deepEqual([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED], [0, 1, 2, 3]);
  assert.deepEqual([socket.readyState, socket.url], [0, "ws://memory.invalid/"]);

  for (const [turn, code] of [4001, 4002].entries()) {
    const open = await log.next("open");
    assert.equal(open.target, socket);
    harness.server.send(`hello ${turn}`);
    const message = await log.next("message");
    assert.deepEqual([message.target, message.data], [socket, `hello ${turn}`]);
    assert.equal(message.origin, "ws://memory.invalid");
    harness.server.close(code, "again");
    const close = await log.next("close");
    assert.deepEqual([close.code, close.reason, close.wasClean], [code, "again", true]);
    await harness.clock.advance(1000);
  }
  await log.next("open");
  assert.deepEqual(log.lines, [
    "connecting 1 (0)",
    "open (1)",
    "message hello 0 (1)",
    "close 4001 (0)",
    "waiting 2 in 500 (0)",
    "connecting 2 (0)",
    "open (1)",
    "message hello 1 (1)",
    "close 4002 (0)",
    "waiting 3 in 1000 (0)",
    "connecting 3 (0)",
    "open (1)",
  ]);
  assert.equal(harness.maxConnections, 1);
  socket.close();
  await log.next("close");
});

test("on… attributes work for all its events", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const { socket } = harness.reconnect();
  const heard: string[] = [];
  const hear = ({ type }: Event): void => void heard.push(type);
  assert.equal(socket.onwaiting, null);
  Object.assign(socket, { onconnecting: hear, onwaiting: hear, onopen: hear });
  Object.assign(socket, { onmessage: hear, onerror: hear, onclose: hear });
  assert.equal(socket.onwaiting, hear);
  await settled();
  await harness.clock.advance(1000);
  await settled();
  harness.server.send("x");
  await settled();
  socket.onclose = null;
  await socket[Symbol.asyncDispose]();
  assert.deepEqual(heard, "connecting error close waiting connecting open message".split(" "));
});

test("a refused attempt is error, then close with 1006, and has the cause", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const { socket, log } = harness.reconnect();
  const { error } = await log.next("error");
  const { cause } = error as { cause: Error };
  assert.equal(cause.message, "The server answered 503, not 101");
  await log.next("waiting");
  assert.deepEqual(log.lines.slice(1), [
    "error Error (0)",
    "close 1006 (0)",
    "waiting 2 in 500 (0)",
  ]);
  await socket[Symbol.asyncDispose]();
});

test("until() decides what is final; without it, 1000 is", async () => {
  const harness = new ReconnectHarness();
  const { log } = harness.reconnect();
  await log.next("open");
  harness.server.close(1000, "done");
  await log.next("close");
  await settled();
  assert.equal(log.lines.at(-1), "close 1000 (3)");

  const calls: unknown[] = [];
  harness.outcomes.push("is refused", "is refused", "is refused");
  const other = harness.reconnect({
    until(event, failures) {
      calls.push([event.code, failures]);
      return failures === 3;
    },
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    await other.log.next("close");
    await settled();
    await harness.clock.advance(harness.clock.timers[0] ?? 0);
  }
  assert.deepEqual(calls, [[1006, 1], [1006, 2], [1006, 3]]);
  assert.deepEqual(other.log.lines.slice(-2), ["error Error (3)", "close 1006 (3)"]);
  assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
});

test("of several functions that fail for one attempt, none is forgotten", async () => {
  const harness = new ReconnectHarness();
  const { log, socket } = harness.reconnect({
    headers: () => Promise.reject(new Error("headers")),
    protocols: () => {
      throw new Error("protocols");
    },
  });
  assert.match(String((await log.next("error")).error), /headers|protocols/);
  await settled();
  await socket[Symbol.asyncDispose]();
});

test("close() of an open socket closes it for good, with code and reason", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect();
  await log.next("open");
  let heard: unknown;
  harness.server.onclose = ({ code, reason }) => heard = [code, reason];
  assert.throws(() => socket.close(1001), { name: "InvalidAccessError" });
  assert.throws(() => socket.close(1000, "x".repeat(124)), { name: "SyntaxError" });
  socket.close(4000, "enough");
  socket.close(4001, "again");
  assert.equal(socket.readyState, 2);
  await log.next("close");
  await settled();
  assert.deepEqual(heard, [4000, "enough"]);
  assert.deepEqual(log.lines.slice(2), ["close 4000 (3)"]);
  assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
});

test("close() during an attempt is error, then close with 1006, once", async () => {
  for (const hanging of ["address", "connection", "neither"]) {
    const harness = new ReconnectHarness();
    harness.outcomes.push("hangs");
    let signal: AbortSignal | undefined;
    let answer!: (url: string) => void;
    const { socket, log } = harness.reconnect({}, (attempt) => {
      signal = attempt.signal;
      if (hanging === "connection") return "ws://memory.invalid/";
      return new Promise((resolve) => answer = resolve);
    });
    await settled();
    if (hanging === "neither") answer("ws://memory.invalid/"); // in the very task of close()
    socket.close(4000, "enough");
    socket.close();
    assert.deepEqual(log.lines, ["connecting 1 (0)"]);
    await settled();
    assert.deepEqual(log.lines.slice(1), ["error AbortError (3)", "close 1006 (3)"], hanging);
    assert.ok(signal!.aborted);
    assert.equal(harness.urls.length, hanging === "connection" ? 1 : 0);
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
  }
});

test("close() during a wait is close with its code and reason, in a later task", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  const { socket, log } = harness.reconnect();
  await log.next("waiting");
  socket.close(4000, "enough");
  socket.close();
  assert.equal(socket.readyState, 2);
  const { code, reason, wasClean } = await log.next("close");
  assert.deepEqual([code, reason, wasClean], [4000, "enough", true]);
  await settled();
  assert.equal(log.lines.at(-1), "close 4000 (3)");
  assert.deepEqual([harness.clock.timers, harness.wakeListeners, harness.urls.length], [[], 0, 1]);
});

test("close() at once, and close() in each of its events, ends it, and nothing follows", async () => {
  const harness = new ReconnectHarness();
  const atOnce = harness.reconnect();
  atOnce.socket.close();
  await settled();
  assert.deepEqual(atOnce.log.lines, ["close 1005 (3)"]);
  assert.deepEqual(harness.urls, []);

  for (const type of ["connecting", "open", "message", "error", "close", "waiting"] as const) {
    const harness = new ReconnectHarness();
    harness.outcomes.push("opens", "is refused");
    const { socket, log } = harness.reconnect();
    socket.addEventListener(type, () => socket.close());
    await settled();
    if (socket.readyState === 1) harness.server.send("x");
    await settled();
    if (socket.readyState === 1) harness.server.terminate();
    await settled();
    const lines = log.lines.filter((line) => line.endsWith("(3)"));
    assert.match(lines.at(-1)!, /^close/, type);
    assert.equal(lines.filter((line) => line.startsWith("close")).length, 1, type);
    assert.equal(log.lines.at(-1), lines.at(-1), type);
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0], type);
  }
});

test("a signal closes it in any state, and has no listener afterwards", async () => {
  for (const fate of ["opens", "is refused", "hangs"] as const) {
    const harness = new ReconnectHarness();
    harness.outcomes.push(fate);
    const controller = new AbortController();
    const { socket, log } = harness.reconnect({ signal: controller.signal });
    await settled();
    const reason = new RangeError("Enough");
    controller.abort(reason);
    assert.ok(socket.readyState !== 3); // later
    await settled();
    assert.equal(socket.readyState, 3);
    if (fate === "hangs") {
      assert.equal(log.lines.at(-2), "error AbortError (3)");
      assert.equal(((await log.next("error")).error as Error).cause, reason);
    }
    assert.match(log.lines.at(-1)!, fate === "hangs" ? /^close 1006/ : /^close 1005/);
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
  }
});

test("a signal closes an open connection as close() does, though the peer does not answer", async () => {
  const harness = new ReconnectHarness({ halfOpen: true });
  const controller = new AbortController();
  const { log } = harness.reconnect({ signal: controller.signal });
  await log.next("open");
  controller.abort();
  await harness.clock.advance(10_000);
  assert.deepEqual(log.lines.slice(-2), ["error TimeoutError (3)", "close 1006 (3)"]);
});

test("asyncDispose closes and waits, however often", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect();
  await log.next("open");
  await Promise.all([socket[Symbol.asyncDispose](), socket[Symbol.asyncDispose]()]);
  assert.equal(socket.readyState, 3);
  await socket[Symbol.asyncDispose]();
  assert.equal(log.lines.at(-1), "close 1005 (3)");
});

test("what a dead connection still delivers is ignored, and there are never two", async () => {
  const harness = new ReconnectHarness({ latency: { toClient: 2000 } });
  const sockets: Socket[] = [];
  const { socket, log } = harness.reconnect({
    heartbeat: { every: 1000, deadline: 500, message: "ping" },
  });
  await harness.clock.advance(2000);
  await log.next("open");
  sockets.push(harness.server);
  harness.server.send("late");
  await harness.clock.advance(1500); // dead, before the message is delivered
  await log.next("waiting");
  sockets[0]!.send("later");
  await harness.clock.advance(2500);
  await log.next("open");
  assert.ok(!log.lines.some((line) => line.startsWith("message")));
  assert.equal(harness.maxConnections, 1);
  socket.close();
  await harness.clock.advance(2000);
  await socket[Symbol.asyncDispose]();
});

test("an open listener that is asynchronous may wait for a message", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect();
  const heard: unknown[] = [];
  socket.onopen = async () => {
    const message = new Promise<MessageEvent>((resolve) => {
      socket.addEventListener("message", resolve, { once: true });
    });
    heard.push((await message).data);
  };
  for (let turn = 0; turn < 2; turn++) {
    await log.next("open");
    harness.server.send(`answer ${turn}`);
    await log.next("message");
    harness.server.terminate();
    await log.next("waiting");
    await harness.clock.advance(1000);
  }
  assert.deepEqual(heard, ["answer 0", "answer 1"]);
  await socket[Symbol.asyncDispose]();
});

test("binaryType is kept across connections", async () => {
  const harness = new ReconnectHarness();
  const { socket, log } = harness.reconnect({ binaryType: "arraybuffer" });
  for (let turn = 0; turn < 2; turn++) {
    await log.next("open");
    harness.server.send(new Uint8Array([turn]));
    assert.ok((await log.next("message")).data instanceof ArrayBuffer);
    socket.binaryType = "blob";
    socket.binaryType = "other" as "blob";
    harness.server.send(new Uint8Array([turn]));
    assert.ok((await log.next("message")).data instanceof Blob);
    socket.binaryType = "arraybuffer";
    harness.server.terminate();
    await log.next("waiting");
    await harness.clock.advance(1000);
  }
  await socket[Symbol.asyncDispose]();
});
