// The workflow of docs/judging.md: it is YAML, and its steps work, for a sample of cases.

import assert from "node:assert/strict";
import { parse } from "deno-std/yaml/parse.js";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";
import { commandLine, skip } from "../cli/command.ts";
import { commandsOf, problemOf } from "./commands.ts";
import { blocksOf } from "./page.ts";
import { freePort } from "./program.ts";

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

const [workflow, steps] = blocksOf("docs/judging.md").filter(({ info }) => info === "yaml");
const { jobs } = parse(workflow!.code) as {
  jobs: { server: { steps: Step[] }; client: { steps: Step[] } };
};
const knownSteps = parse(steps!.code) as Step[];

const folder = mkdtempSync(join(tmpdir(), "judging-"));
after(() => rmSync(folder, { recursive: true }));

/** Puts a command on the steps' PATH. */
function command(name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/usr/bin/env bash\n${script}\n`);
  chmodSync(file, 0o755);
}

const client = fileURLToPath(new URL("../conformance/clients/isosocket.ts", import.meta.url));
const isDeno = "Deno" in globalThis;
const [runtime, args] = commandLine(process.execPath, isDeno);
const isosocket = [runtime, ...args].map((word) => `'${word}'`).join(" ");
const ownClient = [runtime, ...(isDeno ? ["run", "-A", client] : [client])];
command("npx", `shift 2; exec ${isosocket} "$@"`);
command("your-echo-server", `exec ${isosocket} serve --quiet "$@"`);
command("your-echo-client", `exec ${ownClient.map((word) => `'${word}'`).join(" ")} "$1" yours`);

/** Runs steps as GitHub does. Resolves with the exit code of the last one. */
async function exitCodeOf(some: readonly Step[], port: number): Promise<number | null> {
  for (const { run } of some) {
    if (run === undefined) continue;
    const script = run.replaceAll("9001", String(port))
      .replace(/judge ws:\S+|--listen \d+/, "$& 5.5.2");
    const child = watch(spawn("bash", ["-e", "-o", "pipefail", "-c", script], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, NO_COLOR: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    }));
    const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
    if (code !== 0) return code;
  }
  return 0;
}

test("the commands of the workflow are there", { skip }, async () => {
  const all = [...jobs.server.steps, ...jobs.client.steps, ...knownSteps];
  for (const { run = "", uses } of all) {
    if (uses !== undefined) assert.match(uses, /^actions\/[a-z-]+@v\d+$/);
    for (const each of commandsOf(run)) assert.equal(await problemOf(each), undefined, each);
  }
});

test("its steps judge a server, and fail where it is not as known", { skip }, async () => {
  const port = await freePort();
  assert.equal(await exitCodeOf(jobs.server.steps, port), 0);
  assert.match(readFileSync(join(folder, "judge.xml"), "utf8"), /<testsuite /);
  assert.ok(existsSync(join(folder, "judge/index.html")));

  const known = join(folder, "known.json");
  writeFileSync(known, "{}");
  assert.equal(await exitCodeOf(knownSteps, port), 0);
  assert.match(readFileSync(join(folder, "new.json"), "utf8"), /"format": "isosocket-judge/);
  writeFileSync(known, '{"5.5.2/answers-an-empty-ping": "fail: It was so"}');
  assert.equal(await exitCodeOf(knownSteps, port), 1);
});

test("its steps judge a client", { skip }, async () => {
  rmSync(join(folder, "judge"), { recursive: true, force: true });
  assert.equal(await exitCodeOf(jobs.client.steps, await freePort()), 0);
  assert.match(readFileSync(join(folder, "judge/index.html"), "utf8"), /yours/);
});

test("its actions have the versions of this repository's own workflows", () => {
  const used = (text: string): string[] => text.match(/[\w-]+\/[\w-]+@v\d+/g) ?? [];
  const ours = ["ci.yml", "release.yml"].flatMap((name) => {
    return used(readFileSync(new URL(`../../.github/workflows/${name}`, import.meta.url), "utf8"));
  });
  const theirs = used(blocksOf("docs/judging.md").map(({ code }) => code).join("\n"))
    .filter((action) => !action.startsWith("isosocket/"));
  assert.ok(theirs.length >= 6, `${theirs.length}`);
  for (const action of theirs) assert.ok(ours.includes(action), action);
});
