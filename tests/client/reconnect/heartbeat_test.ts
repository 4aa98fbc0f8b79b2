// The heartbeat of a client, at times that are no whole numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../../src/client/reconnect/heartbeat.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

test("a heartbeat asks once for each silence, whatever rounding leaves of it", async () => {
  for (let i = 1; i <= 200; i++) {
    const clock = new FakeClock();
    await clock.advance(i * Math.PI * 100);
    let asked = 0;
    const heartbeat: Heartbeat = new Heartbeat(clock, { every: 20_000, deadline: 5_000 }, {
      probe() {
        asked++;
        heartbeat.heard();
      },
      dead: () => assert.fail("It was heard"),
    });
    await clock.advance(70_000);
    heartbeat.stop();
    assert.equal(asked, 3, `begun at ${i * Math.PI * 100}`);
  }
});
