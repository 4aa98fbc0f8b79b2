// The events that a socket fires itself, by the DOM Living Standard and the WHATWG WebSockets standard:
// plain objects, in which a program can see no difference, and which it can copy.

import { pair, type Socket } from "@isosocket/isosocket/testing";
import "@isosocket/isosocket/client"; // on Node 20, it brings the class of close events
import assert from "node:assert/strict";
import { test } from "node:test";

/** Returns the name of what a function throws; `undefined` if it throws nothing. */
function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
}

/** Events of one connection, each with what could be seen while its listeners ran. */
async function conversation(): Promise<{ socket: Socket; events: Event[]; notes: unknown[][] }> {
  const { client, server } = pair();
  const events: Event[] = [];
  const notes: unknown[][] = [];
  for (const type of ["open", "message", "error", "close"]) {
    client.addEventListener(type, (event: Event) => {
      events.push(event);
      const { target, currentTarget, srcElement, eventPhase } = event;
      const targets = [target, currentTarget, srcElement, ...event.composedPath()];
      notes.push([
        eventPhase,
        targets.every((it) => it === client),
        thrown(() => client.dispatchEvent(event)),
      ]);
    });
  }
  await client.opened;
  server.send("hello");
  await new Promise((resolve) => client.addEventListener("message", resolve));
  client.terminate();
  await client.closed;
  return { socket: client, events, notes };
}

test("a socket's own events are the standard's while listeners run, and after it", async () => {
  const { socket, events, notes } = await conversation();
  assert.deepEqual(notes, Array.from({ length: 4 }, () => [2, true, "InvalidStateError"]));
  const names = ["Event", "MessageEvent", "Event", "CloseEvent"];
  for (const [i, event] of events.entries()) {
    const { target, currentTarget, eventPhase, bubbles, cancelable, composed, isTrusted } = event;
    assert.ok(event instanceof Event);
    assert.equal(String(event), `[object ${names[i]}]`);
    assert.equal(Object.hasOwn(Object.getPrototypeOf(event), Symbol.toStringTag), true);
    assert.equal(target, socket);
    assert.deepEqual([currentTarget, eventPhase, event.composedPath()], [null, 0, []]);
    assert.deepEqual([bubbles, cancelable, composed, isTrusted], [false, false, false, true]);
    assert.equal(event.timeStamp, event.timeStamp);
    assert.ok(event.timeStamp > 0 && event.timeStamp <= performance.now());
    event.preventDefault();
    event.returnValue = false;
    event.initEvent("other", true, true);
    assert.notEqual(event.type, "other"); // a difference to the letter of the standard
    assert.deepEqual([event.defaultPrevented, event.returnValue], [false, true]);
  }
  const { ports, source, lastEventId } = events[1] as MessageEvent;
  assert.deepEqual([ports, source, lastEventId], [[], null, ""]);
  assert.equal((events[1] as MessageEvent).ports, ports);
  assert.ok(Object.isFrozen(ports));
});

test("a socket's own event can be dispatched again, at any socket; then it is not trusted (2.7)", async () => {
  const { events } = await conversation();
  const { client } = pair();
  for (const event of events) {
    const seen: unknown[] = [];
    client.addEventListener(event.type, (it: Event) => {
      seen.push(it === event, it.target === client, it.isTrusted, it.eventPhase);
    });
    assert.equal(client.dispatchEvent(event), true);
    assert.deepEqual(seen, [true, true, false, 2]);
  }
  client.terminate();
});

test("events can be copied, for any target: by their own constructor, and by the platform's", async () => {
  const { events } = await conversation();
  for (const event of events) {
    const Class = event.constructor as new (type: string, init: Event) => Event;
    const copy = new Class(event.type, event);
    assert.ok(event instanceof Class);
    assert.deepEqual([copy.type, copy.target, copy.isTrusted], [event.type, null, false]);
    assert.equal(Object.getPrototypeOf(copy), Class.prototype);
    let heard: unknown;
    const target = new EventTarget();
    target.addEventListener(event.type, (it) => heard = it);
    target.dispatchEvent(copy);
    assert.equal(heard, copy);
  }
  const [, message, , close] = events as [Event, MessageEvent, Event, CloseEvent];
  assert.equal(message.constructor, MessageEvent);
  const { data, origin, lastEventId, ports } = new MessageEvent(
    "message",
    message as unknown as MessageEventInit,
  );
  assert.deepEqual([data, origin, lastEventId, [...ports]], ["hello", message.origin, "", []]);
  const CloseCopy = close.constructor as typeof CloseEvent;
  const { code, reason, wasClean } = new CloseCopy("close", close);
  assert.deepEqual([code, reason, wasClean], [1006, "", false]);
});

test("those that capture run first for a socket's own events, too (2.9, dispatch, 5.13)", async () => {
  const { client, server } = pair();
  const heard: string[] = [];
  for (const [name, capture] of [["a", false], ["b", true], ["c", false], ["d", true]] as const) {
    client.addEventListener("message", (event: Event) => {
      heard.push(name);
      if (heard.length > 6) event.stopPropagation();
    }, { capture });
  }
  await client.opened;
  const last = new Promise((resolve) => client.addEventListener("close", resolve));
  server.send("one");
  server.send("two");
  server.close();
  await last;
  assert.equal(heard.join(" "), "b d a c b d a c");
  client.addEventListener("close", (event: Event) => event.stopPropagation(), { capture: true });
  client.addEventListener("close", () => void heard.push("never"));
  client.dispatchEvent(await client.closed);
  assert.ok(!heard.includes("never"));
});

test("whatever a platform's events have, reading it of ours throws nothing", async () => {
  const { events } = await conversation();
  for (const event of events) {
    for (let it = event; it !== null; it = Object.getPrototypeOf(it)) {
      for (const name of Object.getOwnPropertyNames(it)) Reflect.get(event, name);
    }
  }
});
