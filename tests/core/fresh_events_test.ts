// Events whose module has not seen the platform's classes yet.

import assert from "node:assert/strict";
import { test } from "node:test";

test("a copy reads nothing of ours that a platform would refuse, whatever it has", async () => {
  const name = "userActivation"; // Chromium has it
  const refusing = {
    configurable: true,
    get(): never {
      throw new TypeError("Illegal invocation");
    },
  };
  const before = Object.getOwnPropertyDescriptor(Event.prototype, name);
  Object.defineProperty(Event.prototype, name, refusing);
  try {
    // A module of its own, which has not seen the platform's class yet. Not by `import.meta.url`: there,
    // Bun drops the query.
    const fresh: typeof import("../../src/core/events.ts") = await import(
      `../../src/core/events.ts?${name}`
    );
    const target = Object.assign(new EventTarget(), { url: "ws://127.0.0.1/" });
    const event = new fresh.SocketMessageEvent(target, "hello");
    assert.equal(Reflect.get(event, name), undefined);
    assert.equal(new MessageEvent("message", event as MessageEventInit).data, "hello");
  } finally {
    if (before === undefined) Reflect.deleteProperty(Event.prototype, name);
    else Object.defineProperty(Event.prototype, name, before);
  }
});
