// The suites of npm test. Each yields, for every runner that it starts, a label and its tests.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./child.mjs";
import {
  isLong,
  isTriedPackedOnNode22,
  sharedTests,
  testsIn,
  testsOfOtherNodes,
} from "./files.mjs";
import { onNode20, packed, testsOfPackage } from "./package.mjs";
import { deno, logOf, node, proxies, root, tsc } from "./places.mjs";
import { planted, plantedAgain } from "./planted.mjs";
import { absent, ran } from "./ran.mjs";
import { bunTest, denoTest, nodeTest } from "./runners.mjs";
import { installToolchains } from "./setup.mjs";
import { stress } from "./stress.mjs";

/** All suites, in the order in which they run. */
export const suites = {
  check,
  deno: () =>
    ran("deno", [
      ...sharedTests().filter((path) => !isLong(path)),
      ...testsIn("deno"),
    ], denoTest),
  bun: () => ran("bun", sharedTests().filter((path) => !isLong(path)), bunTest),
  node22: () => ran("node 22", testsOfOtherNodes(22), nodeTest(node(22))),
  node24: () => ran("node 24", sharedTests(), nodeTest(node(24))),
  node26: () => ran("node 26", testsOfOtherNodes(26), nodeTest(node(26))),
  package: package_,
  chromium: () => inBrowser("chromium"),
  firefox: () => inBrowser("firefox"),
  inspector: () => ran("inspector", testsIn("inspector"), nodeTest(node(24)), "chromium"),
  proxies: behindProxies,
  stress,
};

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
  installToolchains();
  const { problem, cwd, sources, built, env } = await packed();
  if (problem !== undefined) {
    yield {
      label: "package",
      tests: [{ name: "package", outcome: "failed", detail: problem }],
    };
    return;
  }
  yield* ran("package from outside", testsOfPackage(), nodeTest(node(24)), undefined, { env });
  const options = { cwd, env };
  const some = sources.filter(isTriedPackedOnNode22);
  yield* ran("package on node 20", sources.map(built), nodeTest(onNode20()), undefined, options);
  yield* ran("package on node 22", some.map(built), nodeTest(node(22)), undefined, options);
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
