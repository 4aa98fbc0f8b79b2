// Retry-After: how it is parsed, which engine reports it, and that reconnect() waits for it.

import { connect, type ConnectFailure, reconnect, serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parseRetryAfter } from "../../../src/handshake/retry_after.ts";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { listenHttp } from "../http_server.ts";
import { ENGINES } from "../trust.ts";
import { ReconnectHarness, settled } from "./harness.ts";

const NOW = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");

test("Retry-After is seconds or a date, or else nothing", () => {
  const read: [value: string | null | undefined, milliseconds: number | undefined][] = [
    ["0", 0],
    ["120", 120_000],
    ["Sun, 06 Nov 1994 08:49:47 GMT", 10_000],
    ["Sunday, 06-Nov-94 08:49:47 GMT", 10_000],
    ["Sun, 06 Nov 1994 08:49:27 GMT", 0], // it has passed
    ["Sun, 06 Nov 1994 08:49:47", undefined],
    ["tomorrow GMT", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["0x10", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [value, milliseconds] of read) {
    assert.equal(parseRetryAfter(value, NOW), milliseconds, `${value}`);
  }
});

test("a delay that a server requests is kept, with a part of an ordinary one on top", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push("is refused", "is refused", "is refused");
  harness.retryAfter = "7";
  const { socket, log } = harness.reconnect({ backoff: { base: 1000 } });
  const first = await log.next("waiting");
  assert.equal(first.delay, 7500); // Math.random() is 0.5
  await harness.clock.advance(7499);
  harness.wake(); // the network is back: the server has requested the delay all the same
  await settled();
  assert.equal(harness.urls.length, 1);
  harness.retryAfter = new Date(harness.clock.now() + 1 + 20_000).toUTCString();
  await harness.clock.advance(1);
  const { delay } = await log.next("waiting");
  assert.ok(delay > 20_000 && delay <= 21_000, `${delay}`); // dates are whole seconds
  harness.retryAfter = undefined;
  await harness.clock.advance(delay);
  assert.equal((await log.next("waiting")).delay, 2000);
  harness.wake();
  await log.next("open");
  await socket[Symbol.asyncDispose]();
});

test("a server can request no more than backoff.retryAfter", async () => {
  for (
    const [requested, limit, delay] of [["31536000", {}, 300_500], ["7", { retryAfter: 0 }, 500]]
  ) {
    const harness = new ReconnectHarness();
    harness.outcomes.push("is refused");
    harness.retryAfter = requested as string;
    const { socket, log } = harness.reconnect({ backoff: { base: 1000, ...limit as object } });
    assert.equal((await log.next("waiting")).delay, delay);
    await socket[Symbol.asyncDispose]();
  }
  assert.throws(() => reconnect("ws://[::1]/", { backoff: { retryAfter: -1 } }), RangeError);
});

test("engine tcp reports Retry-After, and the runtime's own does not", async () => {
  const { port, close } = await listenHttp((_, response) => {
    response.writeHead(429, { "retry-after": "7", "connection": "close" }).end();
  });
  after(close);
  const url = `ws://127.0.0.1:${port}/`;
  for (const engine of ENGINES) {
    const log = new EventLog(connect(url, { engine }));
    assert.equal((await log.next("close")).code, 1006);
    assert.deepEqual(log.types, ["error", "close"]);
    const { cause } = log.errors[0] as Error & { cause?: ConnectFailure };
    assert.equal(cause?.retryAfter, engine === "tcp" ? 7000 : undefined);
    if (engine === "tcp") assert.equal(cause?.status, 429);
  }
});

test("a server that is full is left alone for the time that it requests", async () => {
  const server = await serve({ port: 0, hostname: "127.0.0.1", maxConnections: 1 }, (request) => {
    return upgrade(request).response;
  });
  const holder = connect(server.url);
  await holder.opened;
  const socket = reconnect(server.url, { engine: "tcp", backoff: { base: 1, retryAfter: 300 } });
  const failures: unknown[] = [];
  const attempts: number[] = [];
  socket.onerror = ({ error }) => {
    const { status, retryAfter } = (error as Error).cause as ConnectFailure;
    failures.push([status, retryAfter]);
  };
  socket.onconnecting = () => attempts.push(Date.now());
  try {
    const { delay } = await new Promise<{ delay: number }>((resolve) => socket.onwaiting = resolve);
    assert.ok(delay >= 300 && delay <= 301, `${delay}`);
    holder.close();
    await socket.opened;
    assert.deepEqual(failures, [[503, 5000]]);
    assert.equal(attempts.length, 2);
    assert.ok(attempts[1]! - attempts[0]! >= 299, `${attempts}`); // timers may be a bit early
  } finally {
    await socket[Symbol.asyncDispose]();
    await server.close({ deadline: 0 });
  }
});
