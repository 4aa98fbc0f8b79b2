// The queue of a peer's events: in order, with positions to return to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PeerEvents } from "../../../src/conformance/player/peer_events.ts";

function queueOf(...names: readonly string[]): PeerEvents {
  const events = new PeerEvents();
  for (const note of names) events.push({ what: "violation", section: "5.1", note });
  return events;
}

function take(events: PeerEvents): string | undefined {
  const event = events.take();
  return event?.what === "violation" ? event.note : event?.what;
}

test("PeerEvents returns events in order, and then nothing", () => {
  const events = queueOf("a", "b");
  assert.deepEqual([take(events), take(events), take(events)], ["a", "b", undefined]);
  assert.equal(events.hasNext, false);
});

test("PeerEvents repeats the end", () => {
  const events = queueOf("a");
  events.push({ what: "end", how: "fin" });
  assert.deepEqual([take(events), take(events), take(events)], ["a", "end", "end"]);
});

test("PeerEvents returns to a mark, also to one within another", () => {
  const events = queueOf("a", "b", "c");
  take(events);
  const outer = events.mark();
  take(events);
  const inner = events.mark();
  assert.equal(take(events), "c");
  events.release(inner, true);
  assert.equal(take(events), "c");
  events.release(outer, true);
  assert.deepEqual([take(events), take(events), take(events)], ["b", "c", undefined]);
});

test("PeerEvents is flooded by payload or by number, and no longer once that is taken", () => {
  const events = new PeerEvents();
  const payload = new Uint8Array(33 * 1024 * 1024);
  for (let count = 0; count < 2; count++) events.push({ what: "pong", opcode: 0xa, payload });
  assert.ok(events.isFlooded);
  events.take();
  assert.ok(!events.isFlooded);
  for (let count = 0; count < 250_000; count++) {
    events.push({ what: "pong", opcode: 0xa, payload: payload.subarray(0, 0) });
  }
  assert.ok(events.isFlooded);
});
