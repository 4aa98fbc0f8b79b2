// Runs test files with a runner, and what has failed once more.

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { again } from "./again.mjs";
import { run } from "./child.mjs";
import { readReport } from "./junit.mjs";
import { browsers, build, logOf, root } from "./places.mjs";

/**
 * Runs test files, and reads the report.
 *
 * @param needs The browser that must be installed.
 */
export async function* ran(label, files, runner, needs, options = {}) {
  const missing = runner.missing ??
    (needs === undefined || existsSync(browsers[needs]) ? undefined : `${needs} is not installed`);
  if (missing !== undefined) {
    yield { label, tests: [absent(label, missing)] };
    return;
  }
  if (files.length === 0) { // a runner that is given none takes all that it finds
    yield {
      label,
      tests: [{
        name: label,
        outcome: "failed",
        detail: "It has no test file",
      }],
    };
    return;
  }
  console.log(`  ${label}: ${files.length} files`);
  const number = Math.min(runner.processes ?? 1, Math.ceil(files.length / 2));
  const shares = Array.from({ length: number }, (_, share) => ({
    name: number === 1 ? label : `${label} (${share + 1})`,
    files: files.filter((_, at) => at % number === share),
  })).filter(({ files }) => files.length > 0);
  const results = await Promise.all(
    shares.map(({ name, files }) => ranIn(name, files, runner, options)),
  );
  const tests = await again(
    results.flatMap(({ tests }) => tests),
    async (file) => {
      console.log(`  ${label}: again, alone: ${file}`);
      return (await ranIn(`${label} again ${file}`, [file], runner, options)).tests;
    },
  );
  const explanation = tests.some(({ outcome }) => outcome === "failed")
    ? results.map(({ explanation }) => explanation).filter((text) => text).join("\n")
    : "";
  yield { label, tests, explanation };
}

/** What is skipped by a person who lacks a program must not be skipped where nobody looks. */
export function absent(name, detail) {
  return { name, outcome: process.env.CI ? "failed" : "skipped", detail };
}

/** A command that has ended before it could say what failed. */
export function died(label, status, output, log) {
  const end = output.trimEnd().split("\n").slice(-60).join("\n");
  return {
    name: label,
    outcome: "failed",
    detail: `It ended with ${status} (${log}):\n${end}`,
  };
}

/** Runs files in one process of a runner. */
async function ranIn(label, files, runner, options) {
  const report = join(build, "reports", `${label.replaceAll(/\W+/g, "_")}.xml`);
  mkdirSync(join(build, "reports"), { recursive: true });
  rmSync(report, { force: true });
  const log = logOf(label);
  const { command, args, env, explains, outside, places } = runner(report, files);
  const { status, output } = await run(label, command, args, {
    log,
    ...options,
    env: { ...env, ...options.env },
  });
  const { tests, isWhole } = readReport(report);
  for (const test of tests) {
    if (/_test\.\w+$/.test(test.name)) test.detail += `\n${before(`✖ ${test.name}`, output)}`;
  }
  if (status !== 0) {
    for (const error of outside?.(output) ?? []) tests.push({ ...error, outcome: "failed" });
  }
  const failed = tests.filter(({ outcome }) => outcome === "failed");
  for (const test of failed) {
    const told = [test.place, ...places?.(test.name, output) ?? []];
    test.files = filesAt(told, files, options.cwd ?? root);
  }
  const isUsual = status === 0 || status === 1 && failed.length > 0;
  if (!isUsual || tests.length > 0 && !isWhole) tests.push(died(label, status, output, log));
  else if (tests.length === 0) {
    tests.push({ name: label, outcome: "failed", detail: "It ran no test" });
  }
  return { tests, explanation: failed.length > 0 && explains ? output : "" };
}

/** The files that are meant by paths in a report; all, if it is none: what they share calls `test()`. */
function filesAt(places, files, cwd) {
  const paths = new Set(places.map((place) => resolve(cwd, place)));
  const meant = files.filter((file) => paths.has(resolve(cwd, file)));
  return meant.length > 0 ? meant : files;
}

/** Of a file that failed as a whole, Node's report has only the name: what it printed says why. */
function before(line, output) {
  const lines = output.split("\n");
  const at = lines.findIndex((text) => text.startsWith(line));
  return lines.slice(Math.max(0, at - 20), at).filter((text) => !/^\s*✔/.test(text)).join("\n");
}
