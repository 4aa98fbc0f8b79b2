// reconnect(): refusals that no other attempt can mend, where their status is told: not in pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, ReconnectHarness, statusOf } from "./harness.ts";

test("a refusal with 401, 403, 404, 407 or 410 is final, and its cause is told", async () => {
  for (const status of [401, 403, 404, 407, 410]) {
    const harness = new ReconnectHarness();
    harness.outcomes.push("is refused", status);
    const { log } = harness.reconnect();
    await harness.clock.advance((await log.next("waiting")).delay); // 503 may pass
    const error = await ended(log);
    assert.match(error.message, new RegExp(`^No other attempt follows: .*${status}`));
    assert.equal(statusOf(error), status);
    assert.deepEqual([harness.clock.timers, harness.wakeListeners], [[], 0]);
  }
});

test("a refusal with another status may pass, and 400 too, which proxies answer", async () => {
  const harness = new ReconnectHarness();
  const passing = [400, 408, 426, 429, 502];
  harness.outcomes.push(...passing, 410);
  const { log } = harness.reconnect();
  for (const _ of passing) await harness.clock.advance((await log.next("waiting")).delay);
  assert.equal(statusOf(await ended(log)), 410);
});

test("where a function is asked anew, the second refusal in succession is final", async () => {
  const asked: Parameters<ReconnectHarness["reconnect"]>[] = [
    [{}, () => "ws://memory.invalid/"],
    [{ headers: () => ({ authorization: "Bearer old" }) }],
    [{ protocols: () => ["v1"] }],
  ];
  for (const [options, url] of asked) {
    const harness = new ReconnectHarness();
    harness.outcomes.push(401, "is refused", 403, 404);
    const { log } = harness.reconnect(options, url);
    for (let attempt = 0; attempt < 3; attempt++) {
      await harness.clock.advance((await log.next("waiting")).delay);
    }
    assert.equal(statusOf(await ended(log)), 404);
    assert.equal(harness.urls.length, 4);
  }
});
