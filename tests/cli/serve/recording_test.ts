// `isosocket serve` with a recording, and with a certificate.

import { connect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { authority, localhost } from "../../client/certificates.ts";
import { here, pipe, run, skip, start, withServing } from "../command.ts";

const options = { skip };
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "recording-"));
  await writeFile(join(folder, "cert.pem"), localhost.cert);
  await writeFile(join(folder, "key.pem"), localhost.key);
  await writeFile(join(folder, "ca.pem"), authority);
});
after(async () => void await rm(folder, { recursive: true }));

test("serve --record writes all that happens, before anything else does", options, async () => {
  const file = join(folder, "all.jsonl");
  await writeFile(file, '{"from":"before"}\n');
  await withServing(["--record", file], async ({ url }) => {
    const ws = url.replace("http", "ws");
    const socket = connect(`${url}?a=1`, { protocols: "p", binaryType: "arraybuffer" });
    await socket.opened;
    const answers = socket[Symbol.asyncIterator]();
    for (const data of ["h\u00e9llo\n", Uint8Array.of(0, 255)]) {
      socket.send(data);
      await answers.next();
    }
    // What was answered is in the file, though the server runs on.
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    assert.equal(lines.length, 6);
    socket.close(4001, "bye");
    await socket.closed;
    const refused = await run("connect", `${ws}?refuse=403`);
    assert.equal(refused.code, 1);
    const other = connect(url);
    await other.opened;
    other.close();
    await other.closed;
  });
  const [before, ...events] = (await readFile(file, "utf8")).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(before, { from: "before" });
  for (const { time } of events) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
  const url = events[0].url;
  assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/\?a=1$/);
  const base = url.slice(0, url.indexOf("?"));
  const text = { type: "text", text: "h\u00e9llo\n" };
  const binary = { type: "binary", base64: "AP8=" };
  const address = "127.0.0.1";
  const expected = [
    { connection: 1, event: "open", url, protocol: "p", address },
    { connection: 1, event: "message", direction: "received", ...text },
    { connection: 1, event: "message", direction: "sent", ...text },
    { connection: 1, event: "message", direction: "received", ...binary },
    { connection: 1, event: "message", direction: "sent", ...binary },
    { connection: 1, event: "close", code: 4001, reason: "bye", clean: true },
    {
      ...{ connection: null, event: "refuse", url: `${base.replace("ws", "http")}?refuse=403` },
      ...{ address, status: 403, message: "Refused, as the query asks" },
    },
    { connection: 2, event: "open", url: base, protocol: "", address },
    { connection: 2, event: "close", code: 1005, reason: "", clean: true },
  ];
  assert.deepEqual(events.map(({ time: _, ...event }) => event), expected);
});

test(
  "serve --record says so when the file cannot be written, and ends with 1",
  options,
  async () => {
    const file = join(folder, "none", "all.jsonl");
    const { code, stdout, stderr } = await run("serve", "--port", "0", "--record", file);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.equal(stderr, `Cannot record to ${file}: there is no such file\n`);
  },
);

test("serve --cert and --key speak TLS, which connect and bench check", options, async () => {
  const [cert, key, ca] = ["cert", "key", "ca"].map((name) => join(folder, `${name}.pem`));
  await withServing(["--cert", cert!, "--key", key!], async ({ url, stdout }) => {
    assert.match(stdout(), /page {2}https:.+\n {2}echo {2}wss:/);
    const ws = url.replace("http", "ws");
    const untrusted = await run("connect", ws);
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.stderr, /its certificate is not to be trusted \(\w+\): --ca <file> /);
    for (const trust of [["--ca", ca!], ["--insecure"]]) {
      const { code, stdout, stderr } = await pipe("hi\n", "connect", ws, "-1", ...trust);
      assert.deepEqual([code, stdout], [0, "hi\n"], stderr);
    }
    const bench = ["bench", ws, "--ca", ca!, "-m", "10", "--warm-up", "0", "--json"];
    const { code, stdout: json, stderr } = await run(...bench);
    assert.deepEqual([code, JSON.parse(json).messages], [0, 10], stderr);
  });
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test("serve --tls makes a certificate, or says how", options, async () => {
  if (hasOpenssl) {
    await withServing(["--tls"], async ({ url, stdout }) => {
      assert.match(stdout(), /"isosocket connect --insecure" does/);
      const { code, stdout: echo } = await pipe("hi\n", "connect", url, "-1", "-k");
      assert.deepEqual([code, echo], [0, "hi\n"]);
    });
  }
  const { code, stderr } = await start(["serve", "--tls", "--port", "0"], here, {
    PATH: folder,
  }).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot make a certificate: openssl does not run here.+\n {2}mkcert .+\n/);
});
