// Parsing of arguments, and the errors in them, without running a command.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  closest,
  readArguments,
  readNumber,
  UsageError,
} from "../../../src/cli/shared/command_line.ts";

const options = {
  port: { type: "string", short: "p" },
  quiet: { type: "boolean", short: "q" },
  header: { type: "string", multiple: true },
} as const;

function read(...args: string[]): ReturnType<typeof readArguments<typeof options>> {
  return readArguments(args, options, "the usage", 1);
}

/** Checks that an error is a UsageError with the usage. */
function isUsage(error: unknown): boolean {
  assert.ok(error instanceof UsageError, String(error));
  assert.equal(error.usage, "the usage");
  return true;
}

test("readArguments() takes long and short forms, with the value beside or inside", () => {
  for (
    const args of [["--port", "1", "--quiet"], ["--port=1", "-q"], ["-qp", "1"], ["-p1", "-q"]]
  ) {
    assert.deepEqual({ ...read(...args).values }, { port: "1", quiet: true });
  }
  assert.deepEqual({ ...read().values }, {});
});

test("readArguments() gives the last of several values, or all where all count", () => {
  assert.equal(read("-p", "1", "-p", "2").values.port, "2");
  assert.deepEqual(read("--header", "a", "--header=b").values.header, ["a", "b"]);
});

test("readArguments() gives the words that are not options, up to the maximum", () => {
  assert.deepEqual(read("-p", "1", "word", "-q").words, ["word"]);
  assert.deepEqual(read("--", "--port").words, ["--port"]);
  assert.throws(() => read("one", "two"), isUsage);
});

test("readArguments() throws UsageError with the usage", () => {
  for (const args of [["--nope"], ["--port"], ["--port="], ["--quiet=1"], ["a", "b"]]) {
    assert.throws(() => read(...args), isUsage, args.join(" "));
  }
  assert.throws(() => readArguments(["word"], options, "the usage", 0), isUsage);
});

test("readNumber() takes what is in its range, and nothing that only looks like a number", () => {
  const number = (text: string, fraction?: true): number =>
    readNumber("--n", text, { least: 1, most: 9, ...(fraction && { fraction }) }, "the usage");
  assert.equal(number("9"), 9);
  assert.equal(number("1.5", true), 1.5);
  for (const text of ["0", "10", "1.5", "-1", "0x2", "1e0", "", " 2", "two", "Infinity"]) {
    assert.throws(() => number(text), isUsage, text);
  }
});

test("closest() finds a word with letters lost, added, changed, swapped, not yet typed, or with more behind it", () => {
  const words = ["serve", "judge"];
  for (const word of ["srve", "serrve", "sarve", "sevre", "serv", "ser", "s", "serve-all"]) {
    assert.equal(closest(word, words), "serve", word);
  }
  assert.equal(closest("judeg", words), "judge");
  for (const word of ["", "run", "listen", "constructor"]) {
    assert.equal(closest(word, words), undefined, word);
  }
});
