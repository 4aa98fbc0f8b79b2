// What may be typed while `isosocket connect` is connected, and what comes in a pipe.

import assert from "node:assert/strict";
import { test } from "node:test";
import { feed, type Form } from "../../../src/cli/connect/feed.ts";
import { COMMANDS_HELP, readCommand } from "../../../src/cli/connect/orders.ts";
import { duration, whyNot } from "../../../src/cli/shared/words.ts";
import { printable, quote } from "../../../src/cli/shared/printable.ts";

test("readOrder() takes a line for a message, unless it begins with one slash", () => {
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
  assert.deepEqual(readCommand("/ping "), { kind: "ping" });
  assert.deepEqual(readCommand("/close"), { kind: "close", code: 1000, reason: "" });
  assert.deepEqual(readCommand("/close 4000 a b"), { kind: "close", code: 4000, reason: "a b" });
});

test("readOrder() says what is wrong with a command", () => {
  const wrong: [line: string, says: RegExp][] = [
    ["/", /^There is no command \/\. \/help lists them$/],
    ["/pnig", /Did you mean \/ping\?$/],
    ["/constructor", /^There is no command/],
    ["/hex", /^This is how it goes: \/hex 00 ff 7f$/],
    ["/hex 0", /^Cannot read hex: a byte has two digits/],
    ["/ping now", /^This is how it goes: \/ping$/],
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

async function read(form: Form, ...pieces: (string | number[])[]): Promise<unknown[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      yield await Promise.resolve(
        typeof piece === "string" ? new TextEncoder().encode(piece) : Uint8Array.from(piece),
      );
    }
  }
  const messages: unknown[] = [];
  for await (const data of feed(input(), form)) messages.push(data);
  return messages;
}

test("feed() finds lines and characters however they are cut", async () => {
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

test("printable() leaves nothing that a terminal obeys, and what people write as it is", () => {
  const text = "tab\tline\né 日本 👨\u200d👩 שלום";
  assert.equal(printable(text), text);
  assert.equal(
    printable("\x1b[2J\r\x07\x9b\u202e\u2028"),
    "\\u001b[2J\\u000d\\u0007\\u009b\\u202e\\u2028",
  );
  assert.equal(quote('a"\n\u202e'), '"a\\"\\n\\u202e"');
});

test("whyNot() has words for what systems and runtimes say", () => {
  const told = (cause: object): unknown =>
    new Error("It failed", { cause: Object.assign(new Error("as the runtime says"), cause) });
  assert.equal(whyNot(told({ status: 503 })), "the server answered 503 Service Unavailable");
  assert.equal(whyNot(told({ status: 599 })), "the server answered 599");
  assert.equal(whyNot(told({ code: "ECONNRESET" })), "the connection was cut (ECONNRESET)");
  assert.match(
    whyNot(told({ code: "CERT_HAS_EXPIRED" })),
    /not to be trusted \(CERT_HAS_EXPIRED\)/,
  );
  assert.equal(whyNot(told({ code: "EOTHER" })), "as the runtime says");
  assert.equal(whyNot(new Error("The connection was lost: why")), "why");
  assert.equal(whyNot(new DOMException("late", "TimeoutError")), "no answer came in time");
  for (const nothing of [undefined, new Error(""), new Error("The connection was lost")]) {
    assert.equal(whyNot(nothing), "the runtime does not say why");
  }
});

test("duration() takes the unit that fits", () => {
  const times = [0, 0.0004, 0.9, 1, 9.999, 12.34, 123.4, 999.6, 1000, 65_000];
  const shown = ["0 µs", "0 µs", "900 µs", "1.00 ms", "10.00 ms", "12.3 ms", "123 ms", "1000 ms"];
  assert.deepEqual(times.map(duration), [...shown, "1.00 s", "65.0 s"]);
});
