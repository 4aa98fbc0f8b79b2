// reconnect(): its arguments, which are checked everywhere but in pages.

import { reconnect, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReconnectOptions } from "../../../src/client/reconnect/reconnect.ts";
import { ReconnectHarness, settled } from "./harness.ts";

test("reconnect() refuses arguments that make no sense", () => {
  const harness = new ReconnectHarness();
  const wrong: [ReconnectOptions, string][] = [
    [{ timeout: -1 }, "RangeError"],
    [{ closeTimeout: NaN }, "RangeError"],
    [{ backoff: { base: -1 } }, "RangeError"],
    [{ backoff: { max: Infinity } }, "RangeError"],
    [{ backoff: { stable: NaN } }, "RangeError"],
    [{ heartbeat: { every: -1, deadline: 1 } }, "RangeError"],
    [{ heartbeat: { every: 1, deadline: NaN } }, "RangeError"],
    [{ queue: { bytes: NaN } }, "RangeError"],
    [{ queue: { overflow: "forget" as "reject" } }, "TypeError"],
    [{ binaryType: "text" as "blob" }, "TypeError"],
    [{ protocols: "two words" }, "SyntaxError"],
    [{ signal: AbortSignal.abort() }, "AbortError"],
  ];
  for (const [options, name] of wrong) assert.throws(() => harness.reconnect(options), { name });
  assert.throws(() => harness.reconnect({}, "ftp://memory.invalid/"), { name: "SyntaxError" });
  assert.equal(harness.wakeListeners, 0);
});

test("a promise of until() is no answer: it is reported, owned, and the socket ends", async () => {
  const reported: unknown[] = [];
  const platform = globalThis as { reportError?: (error: unknown) => void };
  const { reportError } = platform;
  platform.reportError = (error) => void reported.push(error);
  const harness = new ReconnectHarness();
  const until = (() => Promise.reject(new Error("a bug"))) as unknown as () => boolean;
  const { log } = harness.reconnect({ until });
  await log.next("open");
  harness.server.close(1001);
  await log.next("close");
  await settled();
  platform.reportError = reportError!;
  if (reportError === undefined) delete platform.reportError;
  assert.match(String(reported), /^TypeError: Cannot wait for the function until: it must return/);
  assert.equal(log.lines.at(-1), "close 1001 (3)");
});

test("both entry points export it", async () => {
  const client = await import("@isosocket/isosocket/client");
  assert.equal(typeof client.reconnect, "function");
  assert.equal(typeof reconnect, "function");
  assert.equal(typeof WebSocket, "function");
  assert.throws(() => reconnect("ftp://memory.invalid/"), { name: "SyntaxError" });
});

test("headers are sent with each attempt, or provided anew for it", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused");
  let token = 0;
  const provided = harness.reconnect({
    headers: () => Promise.resolve({ authorization: `${++token}` }),
  });
  await harness.clock.advance((await provided.log.next("waiting")).delay);
  await provided.log.next("open");
  const fixed = harness.reconnect({ headers: { cookie: "a=1" } });
  await fixed.log.next("open");
  const plain = harness.reconnect();
  await plain.log.next("open");
  const [first, second, third, none] = harness.headers.map((
    it,
  ) => [...new Headers(it as HeadersInit)]);
  assert.deepEqual([first, second], [[["authorization", "1"]], [["authorization", "2"]]]);
  assert.deepEqual([third, none], [[["cookie", "a=1"]], []]);
  // Headers that are not supported here are reported at once, not with each attempt.
  assert.deepEqual(harness.checked, [{}, { cookie: "a=1" }, undefined]);
  assert.throws(() => harness.reconnect({ headers: { host: "example.org" } }), TypeError);
  for (const { socket } of [provided, fixed, plain]) await socket[Symbol.asyncDispose]();
});

test("send() needs an argument, and no shared memory", async () => {
  const { socket } = new ReconnectHarness().reconnect();
  assert.throws(() => (socket.send as () => void)(), TypeError);
  assert.throws(() => socket.send(new Uint8Array(new SharedArrayBuffer(1))), TypeError);
  await socket[Symbol.asyncDispose]();
});
