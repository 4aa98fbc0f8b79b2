// Retry-After: what is read, who tells it, and that reconnect() waits for it.

import { connect, type ConnectFailure, reconnect, serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { parseRetryAfter } from "../../../src/handshake/retry_after.ts";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { runtime } from "../../runtime.ts";
import { ReconnectHarness, settled } from "./harness.ts";

/** Where there is no WebSocket but that of ws. */
const HAS_OWN = runtime !== "node 20";

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

test("a wait that a server asks for is kept, with a part of an ordinary one on top", async () => {
  const world = new ReconnectHarness();
  world.outcomes.push("is refused", "is refused", "is refused");
  world.retryAfter = "7";
  const { socket, log } = world.reconnect({ backoff: { base: 1000 } });
  const first = await log.next("waiting");
  assert.equal(first.delay, 7500); // Math.random() is 0.5
  await world.clock.advance(7499);
  world.wake(); // the network is back: the server has asked for time all the same
  await settled();
  assert.equal(world.urls.length, 1);
  world.retryAfter = new Date(world.clock.now() + 1 + 20_000).toUTCString();
  await world.clock.advance(1);
  const { delay } = await log.next("waiting");
  assert.ok(delay > 20_000 && delay <= 21_000, `${delay}`); // dates are whole seconds
  world.retryAfter = undefined;
  await world.clock.advance(delay);
  assert.equal((await log.next("waiting")).delay, 2000);
  world.wake();
  await log.next("open");
  await socket[Symbol.asyncDispose]();
});

test("a server can ask for no more than backoff.retryAfter", async () => {
  for (const [asked, limit, delay] of [["31536000", {}, 300_500], ["7", { retryAfter: 0 }, 500]]) {
    const world = new ReconnectHarness();
    world.outcomes.push("is refused");
    world.retryAfter = asked as string;
    const { socket, log } = world.reconnect({ backoff: { base: 1000, ...limit as object } });
    assert.equal((await log.next("waiting")).delay, delay);
    await socket[Symbol.asyncDispose]();
  }
  assert.throws(() => reconnect("ws://[::1]/", { backoff: { retryAfter: -1 } }), RangeError);
});

test("engine ws tells Retry-After, and the runtime's own does not", async () => {
  const server = createServer((_, response) => {
    response.writeHead(429, { "retry-after": "7", "connection": "close" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const engine of ["ws", "native"] as const) {
    if (engine === "native" && !HAS_OWN) continue;
    const log = new EventLog(connect(url, { engine }));
    assert.equal((await log.next("close")).code, 1006);
    assert.deepEqual(log.types, ["error", "close"]);
    const { cause } = log.errors[0] as Error & { cause?: ConnectFailure };
    assert.equal(cause?.retryAfter, engine === "ws" ? 7000 : undefined);
    if (engine === "ws") assert.equal(cause?.status, 429);
  }
});

test("a server that is full is left alone for the time that it asks for", async () => {
  const server = await serve({ port: 0, hostname: "127.0.0.1", maxConnections: 1 }, (request) => {
    return upgrade(request).response;
  });
  const holder = connect(server.url);
  await holder.opened;
  const socket = reconnect(server.url, { engine: "ws", backoff: { base: 1, retryAfter: 300 } });
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
