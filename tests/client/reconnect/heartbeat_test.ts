// The heartbeat of a client, at times that are not whole numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../../src/client/reconnect/heartbeat.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

test("a heartbeat sends one probe for each silence, whatever rounding leaves of it", async () => {
  for (let i = 1; i <= 200; i++) {
    const clock = new FakeClock();
    await clock.advance(i * Math.PI * 100);
    let probes = 0;
    const heartbeat: Heartbeat = new Heartbeat(clock, { every: 20_000, deadline: 5_000 }, {
      probe() {
        probes++;
        heartbeat.heard();
      },
      dead: () => assert.fail("It was heard"),
    });
    await clock.advance(70_000);
    heartbeat.stop();
    assert.equal(probes, 3, `begun at ${i * Math.PI * 100}`);
  }
});
