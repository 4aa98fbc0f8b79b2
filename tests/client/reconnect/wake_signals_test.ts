// reconnect(): what wakes it, and the system's clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onWake } from "../../../src/client/reconnect/wake_signals.ts";
import { systemClock } from "../../../src/core/clock.ts";

test("wake signals are online and visibilitychange, and have no listeners afterwards", () => {
  const globals = globalThis as { document?: unknown };
  const page = new EventTarget() as EventTarget & { visibilityState: string };
  page.visibilityState = "hidden";
  const events = new EventTarget();
  const add = Object.getOwnPropertyDescriptor(globalThis, "addEventListener");
  const own = events.addEventListener.bind(events);
  Object.defineProperty(globalThis, "addEventListener", {
    value: own,
    configurable: true,
    writable: true,
  });
  globals.document = page;
  try {
    let woken = 0;
    const end = new AbortController();
    onWake(() => woken++, end.signal);
    page.dispatchEvent(new Event("visibilitychange"));
    assert.equal(woken, 0);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    events.dispatchEvent(new Event("online"));
    assert.equal(woken, 2);
    end.abort();
    page.dispatchEvent(new Event("visibilitychange"));
    events.dispatchEvent(new Event("online"));
    assert.equal(woken, 2);
  } finally {
    delete globals.document;
    delete (globalThis as { addEventListener?: unknown }).addEventListener;
    if (add !== undefined) Object.defineProperty(globalThis, "addEventListener", add);
  }
  onWake(() => {}, new AbortController().signal); // where there is neither
});

test("the system's clock calls back, unless it is taken back", async () => {
  const before = systemClock.now();
  let taken = false;
  systemClock.after(0, () => taken = true)();
  await new Promise<void>((resolve) => void systemClock.after(1, resolve));
  assert.equal(taken, false);
  assert.ok(systemClock.now() >= before);
});
