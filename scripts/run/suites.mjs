// The suites of npm test. Each yields, for every runner that it starts, a label and its tests.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./child.mjs";
import { isLong, sharedTests, testsIn } from "./files.mjs";
import { readReport } from "./junit.mjs";
import { onNode20, packed, testsOfPackage } from "./package.mjs";
import { browsers, build, deno, node, proxies, root, tsc } from "./places.mjs";
import { planted } from "./planted.mjs";
import { bunTest, denoTest, nodeTest } from "./runners.mjs";

/** All suites, in the order in which they run. */
export const suites = {
  check,
  deno: () =>
    ran("deno", [
      ...sharedTests().filter((path) => !isLong(path)),
      ...testsIn("deno"),
    ], denoTest),
  bun: () => ran("bun", sharedTests().filter((path) => !isLong(path)), bunTest),
  node22: () =>
    ran(
      "node 22",
      sharedTests().filter((path) => !isLong(path)),
      nodeTest(node(22)),
    ),
  node24: () => ran("node 24", sharedTests(), nodeTest(node(24))),
  node26: () =>
    ran(
      "node 26",
      sharedTests().filter((path) => !isLong(path)),
      nodeTest(node(26)),
    ),
  package: package_,
  chromium: () => inBrowser("chromium"),
  firefox: () => inBrowser("firefox"),
  inspector: () => ran("inspector", testsIn("inspector"), nodeTest(node(24)), "chromium"),
  proxies: behindProxies,
  stress,
};

/**
 * The house rules that tools can check: the tasks of deno.json called "check:…", and tsc; and that
 * the runners see errors that nobody handles.
 */
async function* check() {
  const { tasks } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  const tests = [];
  for (
    const task of Object.keys(tasks).filter((name) => name.startsWith("check:"))
  ) {
    tests.push(
      await succeeds(task.replace(":", " "), deno, ["task", "--quiet", task]),
    );
  }
  const types = join(root, "tests/types");
  const projects = existsSync(types) ? readdirSync(types) : [];
  for (
    const project of projects.filter((name) => /^tsconfig.*\.json$/.test(name))
  ) {
    const args = [tsc, "-p", join(types, project)];
    tests.push(await succeeds(`check tsc ${project}`, process.execPath, args));
  }
  tests.push(...await planted());
  yield { label: "check", tests };
}

async function succeeds(name, command, args) {
  const { status, output } = await run(name, command, args, {
    log: logOf(name),
  });
  return status === 0
    ? { name, outcome: "passed", detail: "" }
    : { name, outcome: "failed", detail: output };
}

async function* package_() {
  const { problem, cwd, files, env } = await packed();
  if (problem !== undefined) {
    yield {
      label: "package",
      tests: [{ name: "package", outcome: "failed", detail: problem }],
    };
    return;
  }
  yield* ran("package from outside", testsOfPackage(), nodeTest(node(24)), undefined, { env });
  const runners = {
    "package on node 20": onNode20(),
    "package on node 22": node(22),
  };
  for (const [label, command] of Object.entries(runners)) {
    yield* ran(label, files, nodeTest(command), undefined, { cwd, env });
  }
}

/** What of scripts/stress.ts is quick: the others take minutes, and want the machine to themselves. */
const ATTACKS = ["fuzz", "http", "throwing", "refusals", "killed"];

/** Servers under attack, on each runtime. */
async function* stress() {
  const only = ATTACKS.flatMap((name) => ["--only", name]);
  const args = [join(root, "scripts/stress.ts"), "--quick", "--json", ...only];
  const { status, output } = await run("stress", node(24), args, { log: logOf("stress") });
  const json = /^\{\n[^]*^\}$/m.exec(output)?.[0];
  if (json === undefined) {
    yield { label: "stress", tests: [died("stress", status, output, logOf("stress"))] };
    return;
  }
  const { seed, rows, untried } = JSON.parse(json);
  const tests = rows.map(({ runtime, scenario, what, bound, measured, held, known }) => ({
    name: `${runtime} ${scenario}: ${what}`,
    outcome: held === (known === undefined) ? "passed" : "failed",
    detail: `${bound}: ${measured}\nwith --seed ${seed}${
      known ? `\nknown not to hold: ${known}` : ""
    }`,
  }));
  for (const { runtime, scenario, why } of untried) {
    tests.push({ name: `${runtime} ${scenario}`, outcome: "skipped", detail: why });
  }
  yield { label: "stress", tests };
}

function inBrowser(browser) {
  return ran(
    browser,
    testsIn("browser").filter((path) => path.startsWith(`tests/browser/${browser}_`)),
    nodeTest(node(24), 1), // two of a browser would wait for each other
    browser,
  );
}

/** Servers on each runtime, behind each proxy that is installed. */
async function* behindProxies() {
  const files = [];
  for (const [proxy, path] of Object.entries(proxies)) {
    const own = testsIn("proxies").filter((file) => file.endsWith(`/${proxy}_test.ts`));
    if (existsSync(path)) files.push(...own);
    else yield { label: proxy, tests: [absent(proxy, `${proxy} is not installed`)] };
  }
  if (files.length === 0) return; // as is said already
  yield* ran("proxies before deno", files, (report, paths) => {
    const { command, args: [test, ...rest] } = denoTest(report, paths);
    return { command, args: [test, "--parallel", ...rest] }; // as on Node: each waits for its proxy
  });
  yield* ran("proxies before bun", files, bunTest);
  yield* ran("proxies before node 24", files, nodeTest(node(24)));
}

/** What is skipped by a person who lacks a program must not be skipped where nobody looks. */
function absent(name, detail) {
  return { name, outcome: process.env.CI ? "failed" : "skipped", detail };
}

/**
 * Runs test files, and reads the report.
 *
 * @param needs The browser that must be installed.
 */
async function* ran(label, files, runner, needs, options = {}) {
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
  if (runner.processes === undefined) {
    yield await ranIn(label, files, runner, options);
    return;
  }
  const shares = Array.from({ length: runner.processes }, (_, share) => ({
    name: `${label} (${share + 1})`,
    files: files.filter((_, at) => at % runner.processes === share),
  })).filter(({ files }) => files.length > 0);
  const results = await Promise.all(
    shares.map(({ name, files }) => ranIn(name, files, runner, options)),
  );
  yield {
    label,
    tests: results.flatMap(({ tests }) => tests),
    explanation: results.map(({ explanation }) => explanation).filter((text) => text).join("\n"),
  };
}

/** Runs files in one process of a runner. */
async function ranIn(label, files, runner, options) {
  const report = join(build, "reports", `${label.replaceAll(/\W+/g, "_")}.xml`);
  mkdirSync(join(build, "reports"), { recursive: true });
  rmSync(report, { force: true });
  const log = logOf(label);
  const { command, args, explains } = runner(report, files);
  const { status, output } = await run(label, command, args, {
    log,
    ...options,
  });
  const tests = readReport(report);
  const failed = tests.some(({ outcome }) => outcome === "failed");
  for (const test of tests) {
    if (/_test\.\w+$/.test(test.name)) test.detail += `\n${before(`✖ ${test.name}`, output)}`;
  }
  if (status !== 0 && !failed) tests.push(died(label, status, output, log));
  else if (tests.length === 0) {
    tests.push({ name: label, outcome: "failed", detail: "It ran no test" });
  }
  return { label, tests, explanation: failed && explains ? output : "" };
}

/** Of a file that failed as a whole, Node's report has only the name: what it printed says why. */
function before(line, output) {
  const lines = output.split("\n");
  const at = lines.findIndex((text) => text.startsWith(line));
  return lines.slice(Math.max(0, at - 20), at).filter((text) => !/^\s*✔/.test(text)).join("\n");
}

function died(label, status, output, log) {
  const end = output.trimEnd().split("\n").slice(-60).join("\n");
  return {
    name: label,
    outcome: "failed",
    detail: `It ended with ${status} (${log}):\n${end}`,
  };
}

function logOf(name) {
  return join(build, "logs", `${name.replaceAll(/\W+/g, "_")}.log`);
}
