// How each runtime runs test files, with a report by JUnit's format.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { bun, deno, scripts } from "./places.mjs";

// Deno and Bun run one file after the other, and most files wait: so two processes share them. Threads
// of one process, as by `deno test --parallel`, would not do: tests look at what a process has in use.

/** Runs files with Deno. */
export function denoTest(report, files) {
  // Types are for `check`: here they would be checked once more.
  return {
    command: deno,
    args: [
      "test",
      "-A",
      "--no-check",
      "--quiet",
      `--preload=${join(scripts, "run/unhandled.mjs")}`,
      `--junit-path=${report}`,
      ...files,
    ],
  };
}

denoTest.processes = 2;

/** Runs files with Bun. */
export function bunTest(report, files) {
  return {
    command: bun,
    args: [
      "test",
      "--only-failures",
      "--timeout=60000", // rules have limits of their own
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files.map((path) => `./${path}`),
    ],
    explains: true, // its report does not say why a test failed, but its output does
  };
}

bunTest.processes = 2;

/** Runs files with a Node. */
export function nodeTest(command, sideBySide = 2) {
  const runner = (report, files) => ({
    command,
    args: [
      "--test",
      `--test-concurrency=${sideBySide}`,
      "--test-timeout=120000",
      // Not --test-force-exit: it loses the end of what short files report, and nobody would know.
      "--test-reporter=junit",
      `--test-reporter-destination=${report}`,
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      ...files,
    ],
  });
  if (!existsSync(command)) runner.missing = `there is no ${command}`;
  return runner;
}
