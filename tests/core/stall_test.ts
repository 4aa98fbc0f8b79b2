// The time limit of a peer that may have much to take first, where the system's clock is set back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { afterStall } from "../../src/core/stall.ts";

test("a clock that is set back does not shorten the time that a peer gets", () => {
  let now = 5_000_000;
  let buffered = 10;
  const timers: { readonly due: number; readonly callback: () => void }[] = [];
  const clock = {
    now: () => now,
    after(milliseconds: number, callback: () => void) {
      timers.push({ due: milliseconds, callback });
      return () => {};
    },
  };
  afterStall(clock, 1000, () => buffered, () => assert.fail("the peer has just taken all"));
  now -= 3_600_000;
  buffered = 0;
  timers[0]!.callback();
  assert.ok(timers[1]!.due >= 1000, `${timers[1]!.due} ms`);
});

test("a peer that takes nothing is given up in time, though the clock is set back meanwhile", () => {
  let now = 5_000_000;
  let stalled = 0;
  let next: (() => void) | undefined;
  const clock = {
    now: () => now,
    after(milliseconds: number, callback: () => void) {
      next = () => {
        now += milliseconds;
        callback();
      };
      return () => {};
    },
  };
  afterStall(clock, 1000, () => 10, () => stalled++);
  now -= 3_600_000;
  for (let looks = 0; looks < 20 && stalled === 0; looks++) next!();
  assert.equal(stalled, 1);
});
