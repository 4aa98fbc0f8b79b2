// How each runtime runs test files, with a report by JUnit's format, and what that report does not
// tell but the output does: errors outside of tests, and where a test is.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, bun, deno, scripts } from "./places.mjs";

// Deno and Bun run one file after the other, and most files wait: so four processes share them. Threads
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
    outside: (output) =>
      [...output.matchAll(/^(\S+) \(uncaught error\)\n(error: [^]*?)(?:\n\n|$)/gm)]
        .map(([, place, detail]) => ({ name: `${place} (uncaught error)`, place, detail })),
  };
}

denoTest.processes = 4;

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
    // Only the number is certain: above it, the file is named or not.
    outside: (output) => {
      const number = /^ (\d+) errors?$/m.exec(output)?.[1];
      if (number === undefined) return [];
      const detail = /^# Unhandled error between tests$[^]*/m.exec(output)?.[0] ?? "";
      return [{ name: `${number} errors between tests`, place: "", detail }];
    },
  };
}

bunTest.processes = 4;

// Each file, and each command that it starts, is a process of its own, which would strip the types of
// all that it imports, and compile it. Node from 24 on keeps both: a third to a half of the CPU time.
const CACHE = { NODE_COMPILE_CACHE: join(build, "compile_cache") };

/** Runs files with a Node. */
export function nodeTest(command, sideBySide = 4) {
  const runner = (report, files) => ({
    command,
    env: CACHE,
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
    places: (name, output) =>
      [...output.matchAll(/^test at (.+):\d+:\d+\n✖ (.*) \([\d.]+ms\)/gm)]
        .filter(([, , failed]) => failed === name).map(([, place]) => place),
  });
  if (!existsSync(command)) runner.missing = `there is no ${command}`;
  return runner;
}
