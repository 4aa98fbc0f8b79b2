// The suites of npm test. Each yields, for every runner that it starts, a label and its tests.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./child.mjs";
import { isLong, needsOnlyTheLanguage, sharedTests, testsIn } from "./files.mjs";
import { onNode20, packed, testsOfPackage } from "./package.mjs";
import { deno, logOf, node, proxies, root, tsc } from "./places.mjs";
import { planted, plantedAgain } from "./planted.mjs";
import { absent, died, ran } from "./ran.mjs";
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
  node22: () => ran("node 22", testsOfOtherNodes(), nodeTest(node(22))),
  node24: () => ran("node 24", sharedTests(), nodeTest(node(24))),
  node26: () => ran("node 26", testsOfOtherNodes(), nodeTest(node(26))),
  package: package_,
  chromium: () => inBrowser("chromium"),
  firefox: () => inBrowser("firefox"),
  inspector: () => ran("inspector", testsIn("inspector"), nodeTest(node(24)), "chromium"),
  proxies: behindProxies,
  stress,
};

/** The tests that run on each Node, and not on the one that runs all. */
function testsOfOtherNodes() {
  return sharedTests().filter((path) => !needsOnlyTheLanguage(path));
}

/**
 * The house rules that tools can check: the tasks of deno.json called "check:…", and tsc; that the
 * runners see errors that nobody handles; and that what is run again is judged as it should be.
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
  tests.push(...await planted(), ...await plantedAgain());
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
const ATTACKS = ["foreign", "fuzz", "http", "throwing", "refusals", "killed"];

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
