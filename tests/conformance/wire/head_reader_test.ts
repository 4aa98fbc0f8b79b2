// The head of an HTTP message is read however its octets are cut, and what follows is kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_HEAD } from "../../../src/conformance/wire/head.ts";
import { HeadReader } from "../../../src/conformance/wire/head_reader.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

test("HeadReader reads the same head however the octets are cut", () => {
  const octets = encoder.encode(`${HEAD}rest`);
  for (let at = 0; at <= octets.length; at++) {
    const reader = new HeadReader();
    reader.push(octets.subarray(0, at));
    assert.equal(reader.head !== undefined, at >= HEAD.length, `cut at ${at}`);
    reader.push(octets.subarray(at));
    assert.ok(typeof reader.head === "object");
    assert.equal(reader.head.size, HEAD.length);
    assert.equal(decoder.decode(reader.octets), `${HEAD}rest`);
    assert.equal(decoder.decode(reader.release()), "rest");
    assert.equal(reader.octets.length, 0);
  }
});

test("HeadReader reports octets that are not a head, and that it is full", () => {
  const reader = new HeadReader();
  reader.push(encoder.encode("220 mail.example ESMTP\r\n"));
  assert.match(String(reader.head), /octets that are not HTTP/);
  assert.ok(!reader.isFull);
  reader.push(new Uint8Array(2 * MAX_HEAD));
  assert.ok(reader.isFull);
});
