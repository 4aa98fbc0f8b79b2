// What the command says of its arguments, without running it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { closest, readOptions, UsageError } from "../../src/cli/command_line.ts";

const options = {
  port: { type: "string", short: "p" },
  quiet: { type: "boolean", short: "q" },
} as const;

test("readOptions() takes long and short forms, with the value beside or inside", () => {
  for (
    const args of [["--port", "1", "--quiet"], ["--port=1", "-q"], ["-qp", "1"], ["-p1", "-q"]]
  ) {
    assert.deepEqual({ ...readOptions(args, options, "") }, { port: "1", quiet: true });
  }
  assert.deepEqual({ ...readOptions([], options, "") }, {});
});

test("readOptions() gives the last of several values", () => {
  assert.equal(readOptions(["-p", "1", "-p", "2"], options, "").port, "2");
});

test("readOptions() throws UsageError with the usage", () => {
  for (const args of [["--nope"], ["--port"], ["--port="], ["--quiet=1"], ["word"], ["--", "x"]]) {
    assert.throws(() => readOptions(args, options, "the usage"), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.usage, "the usage");
      return true;
    }, args.join(" "));
  }
});

test("closest() finds a word with letters lost, added, changed, swapped, or not yet typed", () => {
  const words = ["serve", "judge"];
  for (const word of ["srve", "serrve", "sarve", "sevre", "serv", "ser", "s"]) {
    assert.equal(closest(word, words), "serve", word);
  }
  assert.equal(closest("judeg", words), "judge");
  for (const word of ["", "run", "listen", "constructor"]) {
    assert.equal(closest(word, words), undefined, word);
  }
});
