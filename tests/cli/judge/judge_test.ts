// `isosocket judge`: its output, its files, and its exit code.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromJson } from "../../../src/conformance/report/mod.ts";
import { Endpoint } from "../../conformance/endpoint.ts";
import { type Ended, judge, RUNTIME, withServer } from "./running.ts";

const SEGFAULT = fileURLToPath(
  new URL("../../conformance/servers/segfault.ts", import.meta.url),
);
const CLIENT = fileURLToPath(new URL("../../conformance/clients/global.mjs", import.meta.url));

test("judge exits with 0 if all cases pass", { timeout: 120_000 }, async () => {
  await withServer(async (url) => {
    const { code, out } = await judge(url, "5.5.3");
    assert.match(out, /^ok {3}5\.5\.3\/repeats-the-payload-of-the-ping$/m);
    assert.match(out, /\d+ passed, 0 failed/);
    assert.equal(code, 0);
  });
});

test(
  "judge exits with 1 after a failure, names it and writes the reports",
  { timeout: 120_000 },
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
        assert.match(out, /: isosocket judge repro 5\.5\.1\/refuses-a-close-of-one-byte\n$/);
        assert.equal(code, 1);
      });
      assert.match(await readFile(join(dir, "run.xml"), "utf8"), /<failure/);
      assert.match(await readFile(join(dir, "page", "index.html"), "utf8"), /^<!doctype html>/i);
      const index = JSON.parse(await readFile(join(dir, "autobahn", "index.json"), "utf8"));
      assert.deepEqual(Object.values<object>(index).flatMap(Object.keys), ["7.3.2"]);
      assert.ok((await readdir(join(dir, "autobahn"))).length > 1);
      const run = join(dir, "run.json");
      const { code, out } = await judge("report", run, run);
      assert.match(out, /5\.5\.1/);
      assert.equal(code, 0);
      assert.equal((await judge("report", run)).code, 1); // as the run itself
      const better = join(dir, "better.json");
      const text = await readFile(run, "utf8");
      await writeFile(better, text.replaceAll('"verdict":"fail"', '"verdict":"pass"'));
      assert.equal((await judge("report", run, better)).code, 0);
      assert.equal((await judge("report", better, run)).code, 1);
    } finally {
      await rm(dir, { recursive: true });
    }
  },
);

test(
  "judge exits with 2 and a reason if nothing listens, or arguments are invalid",
  { timeout: 120_000 },
  async () => {
    const invalid: [string[], RegExp][] = [
      [["ws://127.0.0.1:1/"], /ECONNREFUSED/],
      [[], /no address is given/],
      [["ws://127.0.0.1:1/", "5.99"], /it means no case/],
      [["ws://127.0.0.1:1/", "--jobs", "none"], /Cannot use --jobs none/],
      [["ws://127.0.0.1:1/", "--job", "1"], /no such option. Did you mean --jobs\?/],
      [["ftp://127.0.0.1/"], /must begin with ws/],
      [["report", "/nowhere.json"], /Cannot read \/nowhere.json: there is no such file/],
      [["ws://127.0.0.1:1/", "--json", "/nowhere/x.json"], /Cannot write \/nowhere\/x.json: there/],
      [["ws://127.0.0.1:1/", "--html", "/dev/null/x"], /Cannot make \/dev\/null\/x: a file is in/],
      [
        ["ws://127.0.0.1:1/", "--html", "/proc/x"],
        /Cannot make \/proc\/x: there is no such|the sy/,
      ],
      [["ws://127.0.0.1:1/"], /127.0.0.1:1: nobody listens there \(ECONNREFUSED\)/],
      [
        ["--listen", "99999"],
        /Cannot use --listen 99999: it must be a whole number from 0 to 65535/,
      ],
      [["ws://127.0.0.1:0/"], /its port must be from 1 to 65535/],
      [["ws://host.invalid/"], /there is no host of that name|names cannot be looked up/],
      [["list", "--strict"], /Cannot use --strict with list: it plays no case/],
      [["report", "--jobs", "2", "a.json"], /Cannot use --jobs with report: it plays no case/],
      [["ws://127.0.0.1:1/", "--expect", "/nowhere.json"], /no such file. --update-expect writes/],
      [["ws://127.0.0.1:1/", "--update-expect"], /needs --expect FILE/],
      [["ws://127.0.0.1:1/", "--full", "--quick"], /one plays all, one a sample/],
      [["ws://127.0.0.1:1/", "-k"], /only wss: has them/],
      [["ws://127.0.0.1:1/", "-H", "no colon"], /it has no colon/],
      [["--listen", "0", "--protocol", "chat"], /Cannot use --protocol with --listen/],
      [
        ["ws://127.0.0.1:1/", "--", "no-such-command"],
        /no-such-command cannot be run: there is no such file$/m,
      ],
      [["ws://127.0.0.1:1/", "--python"], /Cannot use --python here: it is for repro/],
      [["--format", "html"], /followed by autobahn/],
    ];
    // Two at a time: a process takes a second to start.
    const check = async (): Promise<void> => {
      for (let next = invalid.shift(); next !== undefined; next = invalid.shift()) {
        const [args, reason] = next;
        const { code, out, err } = await judge(...args);
        assert.match(out + err, reason, args.join(" "));
        assert.equal(code, 2, args.join(" "));
      }
    };
    await Promise.all([check(), check()]);
  },
);

test("--expect fails for what is worse, and for what is better", { timeout: 180_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "judge-"));
  const file = join(dir, "known.json");
  const id = "5.5.1/refuses-a-close-of-one-byte";
  try {
    await withServer(async (url) => {
      const gate = async (...args: string[]): Promise<Ended> =>
        await judge(url, "--quiet", "--expect", file, ...args, "5.5.1/refuses", "5.5.3");
      assert.equal((await gate("--update-expect")).code, 0);
      const written = JSON.parse(await readFile(file, "utf8"));
      assert.deepEqual(Object.keys(written), [id]);
      await writeFile(file, JSON.stringify({ [id]: "fail: It never looks" }));
      assert.equal((await gate("--update-expect")).code, 0);
      assert.equal(JSON.parse(await readFile(file, "utf8"))[id], "fail: It never looks");
      const same = await gate();
      assert.match(same.out, /As expected: 1 case known not to pass/);
      assert.equal(same.code, 0);
      await writeFile(file, "{}");
      const worse = await gate();
      assert.match(
        worse.out,
        /Worse than expected: 1\n {2}pass → fail {2}5\.5\.1\/refuses-a-close/,
      );
      assert.equal(worse.code, 1);
      const pong = "5.5.3/lets-a-stray-pong-pass";
      await writeFile(file, JSON.stringify({ [id]: "fail: Known", [pong]: "fail: It was" }));
      const better = await gate();
      assert.match(better.out, /Better than expected: 1\n {2}fail → pass {2}5\.5\.3\/lets-a-stray/);
      assert.equal(better.code, 1);
    });
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("-H, -o and --protocol are in every request", { timeout: 180_000 }, async () => {
  const requests: string[] = [];
  const server = createServer((socket) => {
    const endpoint = new Endpoint(true);
    endpoint.listen({ data: (octets) => void socket.write(octets), end: () => void socket.end() });
    socket.once("data", (octets) => {
      // What ends behind half a request cannot have it all.
      const head = `${octets}`;
      if (/^(?:\r\n)?[A-Z]+ .*\r\n\w/.test(head) && head.includes("\r\n\r\n")) requests.push(head);
    });
    socket.on("data", (octets) => void endpoint.write(octets));
    socket.on("end", () => endpoint.end());
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const options = ["-H", "X-Key: 1", "-o", "https://a.example", "--protocol", "chat,b"];
    const patterns = ["4.2.1/takes-the-shortest", "4.2.1/takes-a-request-behind", "4.2.2/answers"];
    const { code, out } = await judge(`ws://127.0.0.1:${port}/`, ...options, ...patterns);
    assert.match(out, /0 failed/);
    assert.equal(code, 0);
    assert.ok(requests.length > 5, `${requests.length}`);
    for (const head of requests) {
      assert.match(head, /\r\nX-Key: 1\r\n/);
      assert.match(head, /\r\nOrigin: https:\/\/a\.example\r\n/);
      assert.match(head, /\r\nSec-WebSocket-Protocol: chat,b\r\n/);
    }
  } finally {
    server.close();
  }
});

test("a server that is started by the judge may crash", { timeout: 180_000 }, async () => {
  const port = `${await new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  })}`;
  const command = [...RUNTIME, SEGFAULT, "{port}"];
  const patterns = ["5.5/refuses-a-ping", "5.5/takes", "5.5.3"];
  const started = await judge(`127.0.0.1:${port}`, "--quiet", ...patterns, "--", ...command);
  assert.match(started.out, /FAIL 5\.5\/refuses-a-ping-of-126-bytes\n/);
  assert.match(started.out, /The server crashed: it ended with SIGSEGV/);
  assert.match(started.out, /8 cases in .*: 7 passed, 1 failed\n/);
  assert.equal(started.code, 1);
  const again = await judge(`127.0.0.1:${port}`, "5.5.3");
  assert.match(again.out, /ECONNREFUSED/); // it has been stopped
});

// deno-lint-ignore no-control-regex -- it looks for control characters
const CONTROLS = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

test("output escapes what a server sends", { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "judge-"));
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (octets) => {
      const key = /sec-websocket-key: (.*)\r/i.exec(`${octets}`)?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      const head = [
        "HTTP/1.1 101 \x1b[31mSwitching\x07",
        "Server: \x1b]0;mine\x07 \x9b2J",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
        "",
        "",
      ];
      socket.write(head.join("\r\n"), "latin1");
      socket.write("\x81\x0a\x1b[2J\xe2\x80\xae\xc2\x9b1\x88\x06\x0f\xa0\x1b[2J", "latin1");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const files = ["run.json", "run.xml", "autobahn"].map((name) => join(dir, name));
    const [json, xml, autobahn] = files as [string, string, string];
    const reports = ["--json", json, "--junit", xml, "--format", "autobahn", autobahn];
    const patterns = ["5.5.3", "autobahn:1.1.2"];
    const ended = await judge(`127.0.0.1:${port}`, "--timeout", "500", ...reports, ...patterns);
    assert.match(ended.out, /^\\x1b\]0;mine\\x07 ›2J: \d+ cases$/m);
    assert.match(ended.out, /\\u001b\[2J\\u202e\\x9b1/);
    const pages = (await readdir(autobahn)).map((name) => join(autobahn, name));
    const written = await Promise.all([json, xml, ...pages].map((path) => readFile(path, "utf8")));
    const again = await judge("report", json);
    for (const text of [ended.out, ended.err, again.out, ...written]) {
      assert.doesNotMatch(text, CONTROLS);
    }
    const [run] = fromJson(written[0]!);
    assert.equal(run!.agent, "\x1b]0;mine\x07 ›2J"); // a program gets what was said
  } finally {
    server.close();
    await rm(dir, { recursive: true });
  }
});

test("output escapes what reports and arguments contain", { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "judge-"));
  try {
    const file = join(dir, "run.json");
    await writeFile(file, JSON.stringify({ format: "\x1b[2J\x9b1m" }));
    for (const args of [["report", file], ["\x1b[2Jftp://x"], ["http://[\x9b1m"], ["--\x1b[2J"]]) {
      const { code, out, err } = await judge(...args);
      assert.match(err, /^Cannot [^\n]*\\(?:x|u00)[19]b[^\n]*\nUsage: /);
      assert.doesNotMatch(out + err, CONTROLS);
      assert.equal(code, 2);
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("judge list prints the cases", { timeout: 120_000 }, async () => {
  const { code, out } = await judge("list", "autobahn:2.5");
  assert.match(out, /^5\.5\/refuses-a-ping-of-126-bytes\n {4}MUST: .* \[Autobahn 2\.5\]\n$/);
  assert.equal(code, 0);
});

const skip = typeof WebSocket === "undefined";

test("judge --listen runs a client and judges it", { timeout: 120_000, skip }, async () => {
  const client = ["--", ...RUNTIME, CLIENT, "{url}", "me"];
  const { code, out, err } = await judge("--listen", "0", "--quiet", "5.5.3", ...client);
  assert.match(err, /Listening on ws:\/\/127\.0\.0\.1:\d+/);
  assert.match(out, /me \(client/);
  assert.equal(code, 0);
});

test("output escapes what a client sends", { timeout: 120_000, skip }, async () => {
  const client = ["--", ...RUNTIME, CLIENT, "{url}", "\x1b[2Jme\x9b1m\u202e"];
  const { code, out, err } = await judge("--listen", "0", "5.5.3", ...client);
  assert.match(out, /^\\x1b\[2Jme\\x9b1m\\u202e: \d+ cases$/m);
  assert.doesNotMatch(out + err, CONTROLS);
  assert.equal(code, 0);
});

test("judge --listen exits with 2 if the command cannot be run", { timeout: 120_000 }, async () => {
  const { code, err } = await judge("--listen", "0", "5.5.3", "--", "no-such-command");
  assert.match(err, /No client was judged: no-such-command cannot be run/);
  assert.equal(code, 2);
});

test("judge takes a port alone for one of this machine", { timeout: 120_000 }, async () => {
  const { code, out } = await judge("1", "5.5.3"); // where nobody listens
  assert.match(out, /^localhost:1 \(server, ws:\/\/localhost:1\/\)$/m);
  assert.equal(code, 2);
});
