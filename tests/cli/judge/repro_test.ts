// `isosocket judge repro`: what it prints and writes, and what it refuses.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { toJson } from "../../../src/conformance/report/mod.ts";
import { failure, NASTY, run, UNSHOWN } from "../../conformance/report/sample.ts";
import { judge, withServer } from "./running.ts";

const ID = "5.5.1/refuses-a-close-of-one-byte";

test("repro prints a case, and what a server answers", { timeout: 120_000 }, async () => {
  await withServer(async (url) => {
    const { host } = new URL(url);
    const { code, out } = await judge("repro", ID, url, "-H", "X-Key: 1", "--timeout", "300");
    assert.match(out, /^5\.5\.1\/refuses-a-close-of-one-byte\n/);
    assert.ok(out.includes(`\n  Host: ${host}\n`));
    assert.match(out, /\n {2}X-Key: 1\n/);
    assert.match(out, /opcode 8 \(Close\) · mask 9a3c5e71 · length 1\n/);
    assert.match(out, /← expects the connection to fail with Close 1002\n/);
    assert.ok(out.includes(`\n${host} (${url}, `));
    assert.match(out, /\): fail in \d+ ms\n {2}The peer.s Close has a single byte \(5\.5\.1\)\n/);
    assert.match(out, /← Close/);
    assert.equal(code, 0);
  });
});

test("repro writes programs, with what a report says", { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "judge-"));
  try {
    const [report, file] = [join(dir, "run.json"), join(dir, "repro.mjs")];
    const found = failure(ID, { got: NASTY, notes: [NASTY], expected: NASTY });
    await writeFile(report, toJson([run([found], { agent: NASTY, target: NASTY })]));
    const written = await judge("repro", ID, "--from", report, "--node", "--output", file);
    assert.deepEqual([written.code, written.out], [0, ""]);
    const program = await readFile(file, "utf8");
    assert.doesNotMatch(program, UNSHOWN);
    assert.match(program, /\n\/\/ Got <\/script>/);
    const python = await judge("repro", ID, "--from", report, "--python", "--strict");
    assert.match(python.out, /\nSTRICT = True /);
    assert.doesNotMatch(python.out, UNSHOWN);
    const text = await judge("repro", ID, "--from", report);
    assert.match(text.out, /: fail in 12 ms\n/);
    assert.doesNotMatch(text.out, UNSHOWN);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("repro exits with 2 and a reason", { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "judge-"));
  const report = join(dir, "run.json");
  await writeFile(report, toJson([run([])]));
  const overHttp2 = join(dir, "http2.json");
  const behind = join(dir, "proxy.json");
  await writeFile(overHttp2, toJson([run([failure(ID)], { http2: true })]));
  await writeFile(behind, toJson([run([failure(ID)], { subject: "proxy" })]));
  const client = "4.1/sends-get";
  const invalid: [string[], RegExp][] = [
    [[], /Cannot reproduce: no id is given/],
    [["5.5/refuses-a-ping"], /"5\.5\/refuses-a-ping": it is only the beginning of 5\.5\/refuses/],
    [["8441:3/sends-the-setting"], /it is about HTTP\/2, of which only the log of a run has/],
    [[ID, "--from", overHttp2], /http2\.json: it is of HTTP\/2 or a proxy, where other octets/],
    [[ID, "--from", behind], /proxy\.json: it is of HTTP\/2 or a proxy, where other octets/],
    [["5.5.1/refuses-a-close-of-one-bite"], /no such case\. Did you mean 5\.5\.1\/refuses-a-close/],
    [["\x1b[2J"], /Cannot reproduce "\\u001b\[2J": there is no such case\n/],
    [[ID, "--node", "--python"], /a program has one language/],
    [[ID, "ws://127.0.0.1:1/", "--from", report], /one is enough/],
    [[ID, "--html", "x"], /Cannot use --html with repro: it prints or plays one case/],
    [[ID, "--listen", "0"], /Cannot use --listen with repro/],
    [[ID, "a", "b"], /Cannot take "b": one id is enough/],
    [[ID, "--from", report], /5\.5\.1\/refuses-a-close-of-one-byte is not in it/],
    [[ID, "--from", "/nowhere.json"], /Cannot read \/nowhere\.json: there is no such file/],
    [[ID, "--output", "/nowhere/x"], /Cannot write \/nowhere\/x: there/],
    [[ID, "ws://127.0.0.1:1/"], /ECONNREFUSED/],
    [
      [client, "--python"],
      /it judges clients, which have to come to the judge: isosocket judge --l/,
    ],
    [[client, "ws://127.0.0.1:1/"], /Cannot ask a server: .* judges clients/],
  ];
  const check = async (): Promise<void> => {
    for (let next = invalid.shift(); next !== undefined; next = invalid.shift()) {
      const [args, reason] = next;
      const { code, out, err } = await judge("repro", ...args);
      assert.match(err, reason, args.join(" "));
      assert.equal(out, "", args.join(" "));
      assert.equal(code, 2, args.join(" "));
    }
  };
  try {
    await Promise.all([check(), check()]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
