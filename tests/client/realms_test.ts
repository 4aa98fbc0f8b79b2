// Memory, functions and objects of another realm, as an iframe's, or a test runner's that isolates tests.

import { pair, type Socket } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { runtime } from "../runtime.ts";

/** Evaluates an expression in another realm. */
const there = <T>(expression: string, names: object = {}): T =>
  runInNewContext(expression, { ...names });

/** Sends one message, and returns the bytes or the text that arrive. */
async function arrived(data: unknown): Promise<unknown> {
  const { client, server } = pair();
  server.binaryType = "arraybuffer";
  const message = new Promise<MessageEvent>((resolve) => server.onmessage = resolve);
  await client.opened;
  client.send(data as string);
  const { data: seen } = await message;
  client.terminate();
  return typeof seen === "string" ? seen : [...new Uint8Array(seen)];
}

test("memory of another realm is binary data", async () => {
  assert.ok(!(there("new ArrayBuffer(1)") instanceof ArrayBuffer), "it is another realm");
  const bytes = "new Uint8Array([1, 2, 3])";
  for (
    const [expression, seen] of [
      [`${bytes}.buffer`, [1, 2, 3]],
      [`${bytes}.subarray(1)`, [2, 3]],
      [`new DataView(${bytes}.buffer, 0, 2)`, [1, 2]],
      [`new Uint16Array(${bytes}.buffer, 0, 1)`, [1, 2]],
      ["new ArrayBuffer(0)", []],
      ["({ toString: () => 'text' })", "text"],
    ]
  ) {
    assert.deepEqual(await arrived(there(expression as string)), seen, expression as string);
  }
});

test("shared and resizable memory of another realm is refused", () => {
  const { client } = pair();
  for (
    const expression of [
      "new SharedArrayBuffer(1)",
      "new Uint8Array(new SharedArrayBuffer(1))",
      "new ArrayBuffer(1, { maxByteLength: 2 })",
    ]
  ) {
    const send = (): void => client.send(there<ArrayBuffer>(expression));
    assert.throws(send, { name: "TypeError", message: /^Cannot send/ }, expression);
  }
  client.terminate();
});

test("a Blob whose class is not this one is a Blob, where the platform itself sees that", async () => {
  const blob = new Blob(["blob"]);
  Object.setPrototypeOf(
    blob,
    Object.create(Object.prototype, Object.getOwnPropertyDescriptors(Blob.prototype)),
  );
  assert.ok(!(blob instanceof Blob));
  const text = "[object Blob]"; // Deno goes by prototypes
  assert.deepEqual(
    await arrived(blob),
    runtime === "deno" ? text : [...new TextEncoder().encode("blob")],
  );
});

test("listeners, options and subprotocols of another realm are taken", async () => {
  const { client } = pair();
  const heard: string[] = [];
  const hear = (name: string): void => void heard.push(name);
  const names = { hear, signal: new AbortController().signal };
  type Listener = (event: Event) => void;
  client.addEventListener("own", there<Listener>("() => hear('function')", names));
  client.addEventListener("own", there<Listener>("({ handleEvent() { hear('object') } })", names));
  client.addEventListener("own", () => hear("once"), there("({ once: true, signal })", names));
  (client as Socket & { onopen: unknown }).onopen = there("() => hear('attribute')", names);
  await client.opened;
  client.dispatchEvent(new Event("own"));
  client.dispatchEvent(new Event("own"));
  assert.deepEqual(heard, ["attribute", "function", "object", "once", "function", "object"]);
  client.terminate();
});
