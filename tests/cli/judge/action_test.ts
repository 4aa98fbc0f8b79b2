// action.yml: its step runs here as GitHub would run it, with the command of this clone in place of the
// package from npm. Whatever its inputs and the target say, nothing of it is run.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "deno-std/yaml/parse.js";
import { watch } from "../../../scripts/processes/unhandled.ts";
import { commandLine } from "../command.ts";
import { withServer } from "./running.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { description: string; default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const action = parse(await readFile(join(ROOT, "action.yml"), "utf8")) as Action;
const [judging, upload] = action.runs.steps;

/** Result of the step. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly summary: string;
  readonly outputs: string;
  readonly files: readonly string[];
}

/** Runs the step with inputs, in a folder of its own. */
async function act(
  inputs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const dir = await mkdtemp(join(tmpdir(), "action-"));
  const inDir = (name: string): string => join(dir, name);
  try {
    const [runtime, args] = commandLine(process.execPath, "Deno" in globalThis);
    const isosocket = [runtime, ...args].map((word) => `'${word}'`).join(" ");
    // `npm install --prefix DIR … -- PACKAGE`
    const npm = `#!/usr/bin/env bash
printf '%s\\n' "$@" > '${inDir("npm.log")}'
mkdir -p "$3/node_modules/.bin"
printf '#!/usr/bin/env bash\\nexec ${
      isosocket.replaceAll("'", "'\\''")
    } "$@"\\n' > "$3/node_modules/.bin/isosocket"
chmod +x "$3/node_modules/.bin/isosocket"
`;
    await writeFile(inDir("npm"), npm);
    await chmod(inDir("npm"), 0o755);
    for (const [name, text] of Object.entries(files)) await writeFile(inDir(name), text);
    const filled = (text: string): string =>
      text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => {
        return inputs[name] ?? action.inputs[name]!.default;
      });
    const env = Object.fromEntries(
      Object.entries(judging!.env!).map(([name, value]) => [name, filled(value)]),
    );
    await writeFile(inDir("step.sh"), judging!.run!);
    const child = watch(
      spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", inDir("step.sh")], {
        cwd: dir,
        env: {
          ...process.env,
          ...env,
          PATH: `${dir}${delimiter}${process.env.PATH}`,
          GITHUB_ACTION_PATH: ROOT,
          GITHUB_STEP_SUMMARY: inDir("step_summary.md"),
          GITHUB_OUTPUT: inDir("output"),
          RUNNER_TEMP: dir,
          NO_COLOR: "1",
        },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    let out = "";
    child.stdout.on("data", (octets) => out += octets);
    child.stderr.on("data", (octets) => out += octets);
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    const read = (name: string): Promise<string> => readFile(inDir(name), "utf8").catch(() => "");
    const outputs = await read("output");
    const report = /^report=(.*)$/m.exec(outputs)?.[1];
    const found = report === undefined ? [] : await readdir(report);
    const [summary, log] = await Promise.all([read("step_summary.md"), read("npm.log")]);
    assert.equal(await read("pwned"), "");
    return { code, out: `${log}${out}`, summary, outputs, files: found.sort() };
  } finally {
    await rm(dir, { recursive: true });
  }
}

const skip = process.platform === "win32" && "the runner's bash is not on the path everywhere";

test("action.yml hands each input to its script, and none into the script's text", () => {
  assert.equal(action.runs.using, "composite");
  for (const { run = "" } of action.runs.steps) assert.doesNotMatch(run, /\$\{\{/);
  const handed = Object.values(judging!.env!).map((value) =>
    /^\$\{\{ inputs\.(.+) \}\}$/.exec(value)![1]
  );
  assert.deepEqual(handed.sort(), Object.keys(action.inputs).sort());
  for (const [name, { description }] of Object.entries(action.inputs)) {
    assert.match(description, /\.$/, name);
  }
  assert.match(upload!.uses!, /^actions\/upload-artifact@v\d+$/);
});

test("docs/judging.md knows the inputs of the action", async () => {
  const page = await readFile(join(ROOT, "docs/judging.md"), "utf8");
  const sample = /```yaml\n(- uses: actions\/checkout[^]*?)```/.exec(page)![1]!;
  const [, step] = parse(sample) as { with: Readonly<Record<string, string>> }[];
  for (const name of Object.keys(step!.with)) assert.ok(Object.hasOwn(action.inputs, name), name);
  for (const name of Object.keys(action.inputs)) assert.ok(page.includes(`\`${name}\``), name);
});

test(
  "the action judges a server, and writes a summary and a page",
  { timeout: 120_000, skip },
  async () => {
    await withServer(async (url) => {
      const ended = await act({ url, arguments: "5.5.1/refuses-a-close-of-one\n5.5.3\n" });
      assert.equal(ended.code, 1, ended.out);
      assert.match(ended.out, /\nisosocket@latest\n/);
      assert.match(ended.summary, /^## ❌ [^\n]*\n[^]*\| fail \| 5&#46;5&#46;1&#47;refuses/);
      assert.match(ended.outputs, /^report=.*\nexit-code=1\n$/);
      assert.deepEqual(ended.files, ["index.html", "junit.xml", "run.json"]);
      const known = { "5.5.1/refuses-a-close-of-one-byte": "fail: It does not look" };
      const expected = await act(
        {
          url,
          expect: "known.json",
          arguments: "5.5.1/refuses-a-close-of-one",
          version: "1.2.3-rc.1",
        },
        { "known.json": JSON.stringify(known) },
      );
      assert.equal(expected.code, 0, expected.out);
      assert.match(expected.out, /\nisosocket@1\.2\.3-rc\.1\n/);
      assert.match(expected.outputs, /^exit-code=0$/m);
    });
  },
);

test("the action runs no input", { timeout: 120_000, skip }, async () => {
  const code = "$(touch pwned)`touch pwned`\";touch pwned;'";
  const refused: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{}, /the input url must begin with ws:/],
    [{ url: code }, /the input url must begin with ws:/],
    [{ url: "--html=/tmp/x" }, /the input url must begin with ws:/],
    [{ url: "ws://a\n::error::x" }, /the input URL has a control character in it/],
    [{ url: "ws://a", expect: "x\nreport=/etc" }, /the input EXPECT has a control character/],
    [{ listen: "1; touch pwned" }, /the input listen must be a port/],
    [{ url: "ws://a", version: code }, /the input version must be a version or a tag/],
    [{ url: "ws://a", version: "file:../x" }, /the input version must be a version or a tag/],
    [{ url: "ws://a", tarball: code }, /the input tarball is no file/],
  ];
  for (const [inputs, reason] of refused) {
    const { code, out, outputs } = await act(inputs);
    assert.match(out, reason);
    assert.deepEqual([code, outputs], [2, ""]);
  }
  const nowhere = await act({ url: `ws://127.0.0.1:1/${code}`, name: code, arguments: code });
  assert.match(nowhere.out, /Cannot select|it means no case/);
  assert.equal(nowhere.code, 2);
  const expect = await act({ url: "ws://127.0.0.1:1/", expect: code });
  assert.match(expect.out, /no such file/);
  assert.equal(expect.code, 2);
});

test("the action lets no target speak to the runner", { timeout: 120_000, skip }, async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 403 ::error::mine\r\nServer: ::set-output name=a::b\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const { out, code } = await act({
      url: `ws://127.0.0.1:${port}/`,
      arguments: "5.5.3",
      tarball: "a b.tgz",
    }, { "a b.tgz": "" });
    const lines = out.split("\n");
    assert.ok(lines.some((line) => line.endsWith("/a b.tgz")), out);
    const [token] = /(?<=^::stop-commands::).{36}$/m.exec(out)!;
    const begun = lines.indexOf(`::stop-commands::${token}`);
    const ended = lines.indexOf(`::${token}::`);
    const commands = lines.filter((line) => line.startsWith("::"));
    assert.ok(begun >= 0 && ended > begun, out);
    for (const line of commands) {
      assert.ok(lines.indexOf(line) >= begun && lines.indexOf(line) <= ended);
    }
    assert.notEqual(code, 0);
  } finally {
    server.close();
  }
});
