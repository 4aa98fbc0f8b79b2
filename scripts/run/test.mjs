// npm test: runs suites, and adds them up.

import process from "node:process";
import { parseArgs } from "node:util";
import { printDeviations } from "./deviations.mjs";
import { ALL, chooseSeed, seed } from "./sample.mjs";
import { installLibraries, installRuntimes } from "./setup.mjs";
import { suites } from "./suites.mjs";

const LIST = `the suites are ${Object.keys(suites).join(", ")}`;

/** Runs the named suites, or all; resolves with the exit code. */
export async function test(args) {
  const { names, given } = parse(args);
  const chosen = choose(names);
  chooseSeed(given);
  installLibraries();
  installRuntimes();
  const total = { passed: 0, failed: 0, skipped: 0, flaky: 0 };
  const flaky = [];
  const times = [];
  const passed = new Set();
  for (const name of chosen) {
    const began = Date.now();
    for await (const { label, tests, explanation = "" } of suites[name]()) {
      const counts = count(tests);
      for (const key of Object.keys(total)) total[key] += counts[key];
      for (const { name, outcome } of tests) {
        if (outcome === "passed" || outcome === "flaky") passed.add(name);
        if (outcome === "flaky") flaky.push(`${label}: ${name}`);
      }
      tell(tests, explanation);
      const { passed: p, failed, skipped } = counts;
      console.log(
        `${label}: ${p} passed, ${failed} failed, ${skipped} skipped${flakyOf(counts)}`,
      );
    }
    times.push(`${name} ${Math.round((Date.now() - began) / 1000)} s`);
  }
  await printDeviations(passed);
  console.log(`\nTimes: ${times.join(", ")}`);
  const again = seed() === ALL
    ? ""
    : `: npm test -- --seed ${seed()} runs the same again, and --all everything`;
  console.log(`Sample: ${seed()}${again}`);
  if (flaky.length > 0) console.log("\nFlaky: passed when run again alone");
  for (const name of flaky) console.log(`  ${name}`);
  const rest = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
  console.log(`\n${total.passed} passed, ${total.failed} failed${rest}${flakyOf(total)}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Names of suites, and the seed of what is sampled, if it is given. */
function parse(args) {
  const options = { all: { type: "boolean" }, seed: { type: "string" }, help: { type: "boolean" } };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help) throw new Error("Usage: npm test [-- --all | --seed S] [suite ...]");
    return { names: positionals, given: values.all ? ALL : values.seed };
  } catch ({ message }) {
    throw misused(`${message}\n${LIST}`);
  }
}

/** A mistake of the person who runs it. */
function misused(message) {
  return Object.assign(new Error(message), { code: "USAGE" });
}

/** All suites whose names begin with one that is given: `node` is each of them. */
function choose(names) {
  const all = Object.keys(suites);
  if (names.length === 0) return all;
  for (const name of names) {
    if (all.some((suite) => suite.startsWith(name))) continue;
    throw misused(`Cannot run "${name}": ${LIST}`);
  }
  return all.filter((suite) => names.some((name) => suite.startsWith(name)));
}

function count(tests) {
  const of = (outcome) => tests.filter((test) => test.outcome === outcome).length;
  const flaky = of("flaky");
  return {
    passed: of("passed") + flaky,
    failed: of("failed"),
    skipped: of("skipped"),
    flaky,
  };
}

/** What is said of tests that are flaky: they count as passed too. */
function flakyOf({ flaky }) {
  return flaky === 0 ? "" : `, ${flaky} flaky`;
}

/** Failures in full, and why anything was skipped; what passed is silent. */
function tell(tests, explanation) {
  for (const { name, outcome, detail } of tests) {
    if (outcome === "failed" || outcome === "flaky") {
      console.log(`\n${outcome.toUpperCase()} ${name}\n${indent(detail)}`);
    }
  }
  if (explanation !== "") console.log(`\n${indent(explanation)}`);
  const reasons = new Map();
  for (const { outcome, detail } of tests) {
    if (outcome === "skipped") {
      reasons.set(detail, (reasons.get(detail) ?? 0) + 1);
    }
  }
  for (const [reason, times] of reasons) {
    console.log(`  ${times} skipped: ${reason || "no reason is given"}`);
  }
}

function indent(text) {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

process.stdout.on("error", () => process.exit(1)); // for instance, of a pipe to `head`
