// The maximum number of sockets: in all, and from one address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UpgradeError } from "../../src/handshake/upgrade_error.ts";
import { Capacity } from "../../src/server/capacity.ts";

/** Returns whether one more may come. */
function fits(room: Capacity, address: string | undefined): boolean {
  try {
    room.check(address);
    return true;
  } catch (error) {
    assert.ok(error instanceof UpgradeError);
    assert.deepEqual([error.status, error.reason], [503, "full"]);
    assert.equal(error.response.headers.get("retry-after"), "5");
    return false;
  }
}

test("limits are numbers of at least 1", () => {
  for (const wrong of [0, -1, NaN, "5" as unknown as number]) {
    const name = typeof wrong === "number" ? "RangeError" : "TypeError";
    assert.throws(() => new Capacity(wrong, 1), { name, message: /maxConnections / });
    assert.throws(() => new Capacity(1, wrong), { message: /maxConnectionsPerAddress / });
  }
});

test("as many fit in as there may be in all", () => {
  const room = new Capacity(2, Infinity);
  assert.equal(fits(room, "1.1.1.1"), true);
  room.enter("1.1.1.1");
  assert.equal(fits(room, undefined), true);
  room.enter(undefined);
  assert.equal(fits(room, "1.1.1.2"), false);
  room.leave(undefined);
  assert.equal(fits(room, "1.1.1.2"), true);
});

test("as many fit in as there may be from one address, and leave room when they go", () => {
  const room = new Capacity(10, 2);
  const first = room.enter("1.1.1.1");
  const second = room.enter("1.1.1.1");
  assert.equal(fits(room, "1.1.1.1"), false);
  assert.equal(fits(room, "1.1.1.2"), true);
  room.leave(first);
  assert.equal(fits(room, "1.1.1.1"), true);
  room.leave(second);
  room.enter("1.1.1.1");
  assert.equal(fits(room, "1.1.1.1"), true);
});

test("a client without an address is not counted by it", () => {
  const room = new Capacity(10, 1);
  assert.equal(room.enter(undefined), undefined);
  assert.equal(fits(room, undefined), true);
  room.leave(undefined);
  assert.equal(new Capacity(10, Infinity).enter("1.1.1.1"), undefined);
});

test("a place that is reserved counts until it is free, or a socket's", () => {
  for (const limits of [[1, Infinity], [10, 1]] as [number, number][]) {
    const room = new Capacity(...limits);
    const place = room.reserve("1.1.1.1");
    assert.equal(fits(room, "1.1.1.1"), false);
    assert.throws(() => room.reserve("1.1.1.1"), UpgradeError);
    place.free();
    place.free();
    assert.equal(fits(room, "1.1.1.1"), true);
    const taken = room.reserve("1.1.1.1");
    const name = taken.handOver();
    taken.free();
    assert.equal(fits(room, "1.1.1.1"), false);
    room.leave(name);
    assert.equal(fits(room, "1.1.1.1"), true);
  }
});

test("a client that leaves gives its place to others, but not to any number of them", () => {
  for (const limits of [[2, Infinity], [10, 2]] as [number, number][]) {
    const room = new Capacity(...limits);
    const left = Array.from({ length: 4 }, () => {
      const place = room.reserve("1.1.1.1");
      place.abandon();
      return place;
    });
    assert.equal(fits(room, "1.1.1.1"), false); // four handlers are at work still
    left[0]!.free();
    assert.equal(fits(room, "1.1.1.1"), true);
    for (const place of left) place.free();
    const [one] = [room.reserve("1.1.1.1"), room.reserve("1.1.1.1")];
    assert.equal(fits(room, "1.1.1.1"), false);
    const name = one!.handOver();
    one!.abandon(); // its socket gives its place back by itself
    room.leave(name);
    assert.equal(fits(room, "1.1.1.1"), true);
    one!.free();
    room.reserve("1.1.1.1");
    assert.equal(fits(room, "1.1.1.1"), false);
  }
});

const TOGETHER: [string, string][] = [
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
  ["2001:db8::1", "2001:db8::2:0:0:1"],
  ["2001:db8::1", "2001:0DB8:0:0::1"],
];

const APART: [string, string][] = [
  ["2001:db8:1:2::1", "2001:db8:1:3::1"],
  ["2001:db8::1", "2001:db8:0:1::1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.2"],
  ["fe80::1%eth0", "fe80::2%eth0"],
  ["192.0.2.1", "192.0.2.2"],
];

for (const [pairs, same] of [[TOGETHER, true], [APART, false]] as const) {
  for (const [one, other] of pairs) {
    test(`${one} and ${other} count ${same ? "together" : "apart"}`, () => {
      const room = new Capacity(10, 1);
      room.enter(one);
      assert.equal(fits(room, other), !same);
    });
  }
}
