// Lines typed in `isosocket connect`: messages and commands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS_HELP, readCommand } from "../../../src/cli/connect/commands.ts";

test("readCommand() takes a line for a message, unless it begins with one slash", () => {
  for (const line of ["", "hello", " /ping", "{}", "\\/"]) {
    assert.deepEqual(readCommand(line), { kind: "send", data: line });
  }
  assert.deepEqual(readCommand("//ping"), { kind: "send", data: "/ping" });
  assert.deepEqual(readCommand("/hex ff:00 0x41"), {
    kind: "send",
    data: Uint8Array.of(0xff, 0, 0x41),
  });
  assert.deepEqual(readCommand("/file a b.bin "), {
    kind: "file",
    path: "a b.bin",
    form: "binary",
  });
  assert.deepEqual(readCommand("/text a.txt"), { kind: "file", path: "a.txt", form: "text" });
  assert.deepEqual(readCommand("/ping "), { kind: "ping", payload: new Uint8Array() });
  assert.deepEqual(readCommand("/ping a b"), {
    kind: "ping",
    payload: new TextEncoder().encode("a b"),
  });
  assert.deepEqual(readCommand("/close"), { kind: "close", code: 1000, reason: "" });
  assert.deepEqual(readCommand("/close 4000 a b"), { kind: "close", code: 4000, reason: "a b" });
});

test("readCommand() says what is wrong with a command", () => {
  const wrong: [line: string, says: RegExp][] = [
    ["/", /^There is no command \/\. \/help lists them$/],
    ["/pnig", /Did you mean \/ping\?$/],
    ["/constructor", /^There is no command/],
    ["/hex", /^This is how it goes: \/hex 00 ff 7f$/],
    ["/hex 0", /^Cannot read hex: a byte has two digits/],
    [`/ping ${"é".repeat(63)}`, /^Cannot ping with 126 bytes: 125 are the most$/],
    ["/help me", /^This is how it goes: \/help$/],
    ["/close bye", /^Cannot close with code bye: it must be 1000/],
    ["/close 1001", /^Cannot close with code 1001: it must be 1000/],
    [`/close 1000 ${"x".repeat(124)}`, /^Cannot close with a reason of 124 bytes/],
  ];
  for (const [line, says] of wrong) assert.throws(() => readCommand(line), { message: says }, line);
});

test("/help knows each command", () => {
  for (const name of ["hex", "file", "text", "ping", "close", "help"]) {
    assert.ok(COMMANDS_HELP.includes(`/${name}`), name);
  }
});
