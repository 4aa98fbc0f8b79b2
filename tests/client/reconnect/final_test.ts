// reconnect(): failures that no other attempt can mend end it, and say so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, ReconnectHarness, settled, statusOf } from "./harness.ts";

const LAST = /^No other attempt follows: /;

test("an address that is none ends it, whatever until() says", async () => {
  for (const nonsense of [undefined, null, 5, {}, "ftp://memory.invalid/", "ws://x/#y", "ws://["]) {
    const harness = new ReconnectHarness();
    const { socket, log } = harness.reconnect(
      { until: () => false },
      () => nonsense as string,
    );
    const { error } = await log.next("error");
    assert.match((error as Error).message, LAST);
    const { name } = (error as { cause: Error }).cause;
    assert.equal(name, typeof nonsense === "string" ? "SyntaxError" : "TypeError");
    await log.next("close");
    await settled();
    assert.deepEqual(log.lines, ["connecting 1 (0)", "error Error (3)", "close 1006 (3)"]);
    assert.equal(socket.readyState, socket.CLOSED);
    assert.deepEqual([harness.urls, harness.clock.timers, harness.wakeListeners], [[], [], 0]);
  }
});

test("subprotocols and headers that may not be sent end it, too", async () => {
  for (
    const options of [
      { protocols: () => "two words" },
      { headers: () => ({ host: "memory.invalid" }) },
    ]
  ) {
    const harness = new ReconnectHarness();
    const { log } = harness.reconnect(options);
    assert.match(((await log.next("error")).error as Error).message, LAST);
    await log.next("close");
    assert.equal(log.lines.at(-1), "close 1006 (3)");
  }
});

test("until() is asked of refusals with their error, and decides", async () => {
  const harness = new ReconnectHarness();
  harness.outcomes.push(401, 401, 410);
  const asked: unknown[] = [];
  const { log } = harness.reconnect({
    until(event, failures, error) {
      asked.push([event.code, failures, statusOf(error)]);
      return statusOf(error) === 410;
    },
  });
  for (let attempt = 0; attempt < 2; attempt++) {
    await harness.clock.advance((await log.next("waiting")).delay);
  }
  assert.equal(statusOf(await ended(log)), 410);
  assert.deepEqual(asked, [[1006, 1, 401], [1006, 2, 401], [1006, 3, 410]]);
});

test("until() gets no error of a connection that was closed", async () => {
  const harness = new ReconnectHarness();
  const asked: unknown[] = [];
  const { log } = harness.reconnect({
    until(event, ...rest) {
      asked.push([event.code, ...rest]);
      return true;
    },
  });
  await log.next("open");
  harness.server.close(4000);
  await log.next("close");
  assert.deepEqual(asked, [[4000, 1, undefined]]);
});

for (
  const [fails, url] of [
    ["is refused", undefined],
    ["gets no address", () => Promise.reject(new Error("No ticket"))],
  ] as const
) {
  test(`close() in until() ends it once, whatever that returns, if an attempt ${fails}`, async () => {
    const harness = new ReconnectHarness();
    harness.outcomes.push("is refused");
    const { socket, log } = harness.reconnect({
      until() {
        socket.close();
        return false;
      },
    }, url);
    await log.next("close");
    await settled();
    assert.deepEqual(log.lines, ["connecting 1 (0)", "error Error (3)", "close 1006 (3)"]);
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
  });
}

test("whatever a function rejects with, it can be final", async () => {
  for (const reason of [null, "a string", 5]) {
    const harness = new ReconnectHarness();
    const { socket, log } = harness.reconnect(
      { until: () => true },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- programs do
      () => Promise.reject(reason),
    );
    const { error } = await log.next("error");
    assert.ok(error instanceof Error);
    await log.next("close");
    assert.equal(socket.readyState, socket.CLOSED);
  }
});
