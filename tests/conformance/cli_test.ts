// The subcommand: what it prints, where it writes, and the exit code that it gives.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Endpoint } from "./endpoint.ts";

const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const CLIENT = fileURLToPath(new URL("./clients/global.mjs", import.meta.url));

/** This runtime, as a command that runs a file. */
const RUNTIME: readonly string[] = process.versions.deno
  ? [process.execPath, "run", "-A", "--no-check"]
  : [process.execPath];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function judge(...args: string[]): Promise<Ended> {
  const [file, ...rest] = [...RUNTIME, CLI, "judge", ...args];
  const child = spawn(file!, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (octets) => out += octets);
  child.stderr.on("data", (octets) => err += octets);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    const endpoint = new Endpoint(true, { ignores: ["close-length"] });
    endpoint.listen({ data: (octets) => void socket.write(octets), end: () => void socket.end() });
    socket.on("data", (octets) => void endpoint.write(octets));
    socket.on("end", () => endpoint.end());
    socket.on("error", () => {});
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  try {
    await use(`ws://127.0.0.1:${port}/`);
  } finally {
    server.close();
  }
}

test("judge gives 0 when all is right, and says so", { timeout: 30_000 }, async () => {
  await withServer(async (url) => {
    const { code, out } = await judge(url, "5.5.3");
    assert.match(out, /^ok {3}5\.5\.3\/repeats-the-payload-of-the-ping$/m);
    assert.match(out, /\d+ passed, 0 failed/);
    assert.equal(code, 0);
  });
});

test(
  "judge gives 1 for a failure, names it and writes the reports",
  { timeout: 30_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "judge-"));
    try {
      await withServer(async (url) => {
        const files = ["--json", join(dir, "run.json"), "--junit", join(dir, "run.xml")];
        const pages = ["--html", join(dir, "page"), "--format", "autobahn", join(dir, "autobahn")];
        const { code, out } = await judge(
          url,
          "--quiet",
          ...files,
          ...pages,
          "5.5.1/refuses-a-close-of-one",
        );
        assert.match(out, /FAIL 5\.5\.1\/refuses-a-close-of-one-byte/);
        assert.equal(code, 1);
      });
      assert.match(await readFile(join(dir, "run.xml"), "utf8"), /<failure/);
      assert.match(await readFile(join(dir, "page", "index.html"), "utf8"), /^<!doctype html>/i);
      const index = JSON.parse(await readFile(join(dir, "autobahn", "index.json"), "utf8"));
      assert.deepEqual(Object.values<object>(index).flatMap(Object.keys), ["7.3.2"]);
      assert.ok((await readdir(join(dir, "autobahn"))).length > 1);
      const { code, out } = await judge("report", join(dir, "run.json"), join(dir, "run.json"));
      assert.match(out, /5\.5\.1/);
      assert.equal(code, 0);
    } finally {
      await rm(dir, { recursive: true });
    }
  },
);

test(
  "judge gives 2 and a reason when nobody is there, or for nonsense",
  { timeout: 30_000 },
  async () => {
    const nonsense: [string[], RegExp][] = [
      [["ws://127.0.0.1:1/"], /ECONNREFUSED/],
      [[], /no address is given/],
      [["ws://127.0.0.1:1/", "5.99"], /it means no case/],
      [["ws://127.0.0.1:1/", "--jobs", "none"], /Cannot use --jobs none/],
      [["ws://127.0.0.1:1/", "--job", "1"], /no such option. Did you mean --jobs\?/],
      [["ftp://127.0.0.1/"], /must begin with ws/],
      [["report", "/nowhere.json"], /Cannot read \/nowhere.json/],
      [["--format", "html"], /followed by autobahn/],
    ];
    for (const [args, reason] of nonsense) {
      const { code, out, err } = await judge(...args);
      assert.match(out + err, reason, args.join(" "));
      assert.equal(code, 2, args.join(" "));
    }
  },
);

test("judge list says what there is", { timeout: 30_000 }, async () => {
  const { code, out } = await judge("list", "autobahn:2.5");
  assert.match(out, /^5\.5\/refuses-a-ping-of-126-bytes\n {4}MUST: .* \[Autobahn 2\.5\]\n$/);
  assert.equal(code, 0);
});

const skip = typeof WebSocket === "undefined";

test("judge --listen runs a client and judges it", { timeout: 30_000, skip }, async () => {
  const client = ["--", ...RUNTIME, CLIENT, "{url}", "me"];
  const { code, out, err } = await judge("--listen", "0", "--quiet", "5.5.3", ...client);
  assert.match(err, /Listening on ws:\/\/127\.0\.0\.1:\d+/);
  assert.match(out, /me \(client/);
  assert.equal(code, 0);
});

test("judge --listen gives 2 when the command is none", { timeout: 30_000 }, async () => {
  const { code, err } = await judge("--listen", "0", "5.5.3", "--", "no-such-command");
  assert.match(err, /No client was judged: no-such-command cannot be run/);
  assert.equal(code, 2);
});
