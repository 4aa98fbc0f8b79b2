// The input of `isosocket connect` in a pipe, as messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type InputForm, readMessages } from "../../../src/cli/connect/read_messages.ts";

async function read(form: InputForm, ...chunks: (string | number[])[]): Promise<unknown[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      yield await Promise.resolve(
        typeof chunk === "string" ? new TextEncoder().encode(chunk) : Uint8Array.from(chunk),
      );
    }
  }
  const messages: unknown[] = [];
  for await (const data of readMessages(input(), form)) messages.push(data);
  return messages;
}

test("readMessages() finds lines and characters however they are cut", async () => {
  assert.deepEqual(await read("lines", "a", "b\nc\r", "\n\n", [0xc3], [0xa9, 0x0a], "end"), [
    "ab",
    "c",
    "",
    "é",
    "end",
  ]);
  assert.deepEqual(await read("lines"), []);
  assert.deepEqual(await read("lines", "\n"), [""]);
  assert.deepEqual(await read("hex", "00 f", "f\n\n41"), [
    Uint8Array.of(0, 255),
    Uint8Array.of(0x41),
  ]);
  await assert.rejects(read("hex", "00\n0"), /one is left over, in line 2$/);
  assert.deepEqual(await read("text", "a\n", [0xc3], [0xa9]), ["a\né"]);
  assert.deepEqual(await read("binary", [1], [], [2, 3]), [Uint8Array.of(1, 2, 3)]);
  assert.deepEqual(await read("binary"), [new Uint8Array()]);
});
