// The command `isosocket connect`, as a user runs it in a pipe.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UsageError } from "../../../src/cli/shared/command_line.ts";
import { connect } from "../../../src/cli/connect/connect.ts";
import { readTarget } from "../../../src/cli/shared/target.ts";
import { here, pipe, run, skip, start } from "../command.ts";
import { type CliHarness, startHarness } from "../harness.ts";

const options = { skip };
let harness: CliHarness;

before(async () => {
  harness = await startHarness();
});
after(async () => void await harness.server.close());

test("connect sends a line and ends after one answer with --once", options, async () => {
  const url = harness.at("/");
  const { code, stdout, stderr } = await pipe("hi\n", "connect", url, "--once");
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" });
  assert.equal(stderr, `Connected to ${url}\nClosed: 1000\n`);
  assert.equal(harness.codes.at(-1), 1000);
});

test("connect sends the credentials in an address, and prints no password", options, async () => {
  const at = (port: string): string => `ws://user:s3cret@127.0.0.1:${port}/`;
  const [good, bad, none] = await Promise.all([
    pipe("hi\n", "connect", at(new URL(harness.at("/")).port), "--once"),
    run("connect", at("9"), "-n"),
    run("connect", at("port"), "-n"),
  ]);
  assert.deepEqual([good.code, bad.code, none.code], [0, 1, 2]);
  assert.match(good.stderr, /^Connected to ws:\/\/user:\*\*\*@127\.0\.0\.1:\d+\/\n/);
  assert.match(bad.stderr, /^Cannot connect to ws:\/\/user:\*\*\*@127\.0\.0\.1:9\/: /);
  for (const { stdout, stderr } of [good, bad, none]) {
    assert.ok(!(stdout + stderr).includes("s3cret"), stderr);
  }
});

test("connect sends each line of a pipe, and stays for the answers", options, async () => {
  const lines = ["one", "", "thr\u00e9\u00e9", "the last"];
  const input = lines.join("\r\n");
  const { code, stdout, stderr } = await pipe(input, "connect", harness.at("/"), "-q");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(stdout, lines.map((line) => `${line}\n`).join(""));
});

test("connect takes hex and gives hex", options, async () => {
  const url = harness.at("/");
  const [good, bad] = await Promise.all([
    pipe("00 ff\n0x41,42\n", "connect", url, "-i", "hex", "--count=2"),
    pipe("00\nxy\n", "connect", url, "-i", "hex", "-q"),
  ]);
  assert.deepEqual([good.code, good.stdout], [0, "00ff\n4142\n"]);
  assert.equal(bad.code, 1);
  assert.equal(bad.stderr, 'Cannot read hex: "x" is no hex digit, in line 2\n');
});

test("connect sends a whole pipe as one message, and gives the bytes back", options, async () => {
  const text = "x\ny\n".repeat(100_000);
  await Promise.all(["binary", "text"].map(async (form) => {
    const args = ["connect", harness.at("/"), "-i", form, "--binary", "raw", "-1"];
    const { code, stdout } = await pipe(text, ...args);
    assert.equal(code, 0);
    assert.equal(stdout, form === "text" ? `${text}\n` : text);
  }));
});

test("connect prints text as it is in a pipe, and binary as is asked", options, async () => {
  const [text, dump] = await Promise.all([
    run("connect", harness.at("/controls"), "-n1"),
    run("connect", harness.at("/binary"), "-n1", "--binary", "dump"),
  ]);
  assert.equal(text.stdout, "\x1b[2J\u202eabc\n\tdef\n");
  assert.match(dump.stdout, /^0000 {2}00 ff 41 +··A\n$/);
});

test("connect sends what --send says, and stops at --count", options, async () => {
  const [sent, counted] = await Promise.all([
    run("connect", harness.at("/"), "-n", "-x", "a", "-x", "b", "--count", "2"),
    run("connect", harness.at("/greet"), "-n", "--count", "2"),
  ]);
  assert.deepEqual([sent.code, sent.stdout], [0, "a\nb\n"]);
  assert.deepEqual([counted.code, counted.stdout], [0, "one\ntwo\n"]);
});

test("connect says how the server closes, and ends with 0 or 1", options, async () => {
  const ends: [path: string, code: number, says: string][] = [
    ["/bye", 1, 'The server closed: 4001 "bye"\n'],
    ["/done", 0, "The server closed: 1000\n"],
    ["/empty", 0, "The server closed: no code\n"],
    ["/die", 1, "The connection is lost: no Close frame came\n"],
  ];
  await Promise.all(ends.map(async ([path, expected, says]) => {
    const { code, stderr } = await run("connect", harness.at(path), "--no-input");
    assert.equal(code, expected, path);
    assert.ok(stderr.includes(`\n${says}`), stderr);
  }));
});

test("connect ends with 1 if fewer messages come than --count says", options, async () => {
  const [done, silent, fragile] = await Promise.all([
    run("connect", harness.at("/done"), "-n1"),
    run("connect", harness.at("/silent"), "-n1", "-w", "0.2"),
    pipe("hi\n", "connect", harness.at("/fragile"), "-1"),
  ]);
  assert.deepEqual([done.code, silent.code, fragile.code], [1, 1, 1]);
  for (const { stderr } of [done, silent]) assert.match(stderr, /\nOnly 0 of 1 message came\n$/);
  assert.match(fragile.stderr, /The connection is lost: .+\nOnly 0 of 1 message came\n$/);
});

test("connect says why there is no connection, and ends with 1", options, async () => {
  const [refused, nobody] = await Promise.all([
    run("connect", harness.at("/refuse")),
    run("connect", "ws://127.0.0.1:1/"),
  ]);
  assert.equal(refused.code, 1);
  const url = harness.at("/refuse");
  assert.equal(
    refused.stderr,
    `Cannot connect to ${url}: the server answered 403 Forbidden\n  No\n`,
  );
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /^Cannot connect to ws:.+: nobody listens there \(ECONNREFUSED\)\n$/);
});

test("connect sends headers, an origin and subprotocols", options, async () => {
  const { code, stderr } = await run(
    ...["connect", harness.at("/done"), "-n", "-H", "X-A: b: c", "--header=Authorization:Bearer x"],
    ...["--origin", "https://page.example", "--protocol", "nope, chat.v1", "--protocol", "chat.v2"],
  );
  assert.equal(code, 0);
  const { headers } = harness;
  assert.equal(headers.get("x-a"), "b: c");
  assert.equal(headers.get("authorization"), "Bearer x");
  assert.equal(headers.get("origin"), "https://page.example");
  assert.equal(headers.get("sec-websocket-protocol")?.replaceAll(" ", ""), "nope,chat.v1,chat.v2");
  assert.match(stderr, /^Connected to \S+ \(protocol chat\.v2\)\n/);
});

test("connect --reconnect goes on with another connection", options, async () => {
  const { code, stdout, stderr } = await run("connect", harness.at("/lossy"), "--reconnect", "-n1");
  assert.deepEqual([code, stdout], [0, "at last\n"], stderr);
  assert.equal(harness.visits["/lossy"], 3);
  assert.match(stderr, /The connection is lost: .+\nAttempt 2 in .+\nConnected /);
});

test(
  "connect --ping keeps a connection that answers, and drops one that does not",
  options,
  async () => {
    const lives = await run("connect", harness.at("/"), "-n", "--ping", "0.4", "--wait", "1");
    assert.deepEqual([lives.code, lives.stderr.includes("Closed: 1000")], [0, true], lives.stderr);
    const dead = start(["connect", harness.at("/mute"), "-n", "--ping", "0.2"]);
    await dead.printed(/Connected/, "stderr");
    for (const socket of harness.server.sockets) if (socket.url.endsWith("/mute")) socket.pause();
    const { code, stderr } = await dead.ended;
    assert.equal(code, 1);
    assert.match(stderr, /The connection is lost: no Pong came within 200 ms\n$/);
  },
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`connect closes on ${signal}, and ends with 0 whatever came`, options, async () => {
    const running = start(["connect", harness.at("/greet"), "-n", "--count", "9"]);
    await running.printed(/three\n/);
    running.kill(signal);
    const { code, stderr } = await running.ended;
    assert.equal(code, 0);
    assert.match(stderr, /\nClosed: 1000\n$/);
  });
}

test("connect ends at once on a second signal, with 130", options, async () => {
  const running = start(["connect", harness.at("/mute"), "-n"]);
  await running.printed(/Connected/, "stderr");
  for (const socket of harness.server.sockets) socket.pause(); // it does not see the Close frame
  running.kill("SIGINT");
  running.kill("SIGTERM");
  assert.equal((await running.ended).code, 130);
});

const wrong: [args: string[], says: string][] = [
  [[], "Cannot connect: no address is given"],
  [[" "], "Cannot connect: no address is given"],
  [["ws://a", "b"], 'Cannot take "b": that is one word too many'],
  [
    ["ws+unix:"],
    'Cannot connect to "ws+unix:": it names no unix socket, as in ws+unix:/run/app.sock:/path',
  ],
  [
    ["ws+unix://u:s3cret@/a"],
    'Cannot connect to "***@/a": it names no unix socket, as in ws+unix:/run/app.sock:/path',
  ],
  [["a:b"], 'Cannot connect to "ws://a:b": it is not a URL, as ws://host:8080/path is'],
  [
    ["a", "--proxy", "b", "--no-proxy"],
    "Cannot use --proxy with --no-proxy: they contradict each other",
  ],
  [
    ["ws+unix:a", "--proxy", "b"],
    "Cannot use --proxy with a unix socket: they contradict each other",
  ],
  [
    ["a", "--proxy", "u:s3cret@b:c"],
    "Cannot use --proxy ***@b:c: it is not the address of a proxy",
  ],
  [["a", "--allow-origin", "b"], "Cannot use --allow-origin alone: it is for --listen"],
  [
    ["-l", "0", "--allow-origin", "a.example"],
    'Cannot allow origin "a.example": it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function',
  ],
  [["a", "--listen", "0"], "Cannot use --listen with an address: that is for who connects"],
  [["-l", "0", "-k"], "Cannot use --listen with --insecure: that is for who connects"],
  [
    ["-l", "99999"],
    "Cannot listen on 99999: it must be a port, a host and a port, or the path of a unix socket",
  ],
  [["wss://a", "--passphrase", "x"], "Cannot use --passphrase alone: it is that of --key"],
  [
    ["ftp://a"],
    'Cannot connect to "ftp://a": the scheme must be ws, wss, http or https, and is ftp',
  ],
  [["ws://a/#b"], 'Cannot connect to "ws://a/#b": the URL must have no fragment'],
  [
    ["ws://a", "--recnnect"],
    "Cannot take --recnnect: there is no such option. Did you mean --reconnect?",
  ],
  [["ws://a", "-c"], "Cannot take -c: there is no such option"],
  [
    ["ws://a", "--certificate", "x"],
    "Cannot take --certificate: there is no such option. Did you mean --cert?",
  ],
  [["ws://a", "-H", "x"], 'Cannot use header "x": it has no colon'],
  [["ws://a", "-H", "a b: c"], 'Cannot use header "a b: c": its name must be a token'],
  [["ws://a", "-H", "host: c"], 'Cannot set the header "host": it belongs to the handshake'],
  [["ws://a", "--protocol", "a b"], 'Cannot offer the subprotocol "a b": it must be a token'],
  [["ws://a", "-k"], "Cannot check certificates of ws://a/: only wss: has them"],
  [["wss://a", "--ca", "/none"], "Cannot read --ca /none: there is no such file"],
  [["wss://a", "--cert", "/none"], "Cannot use --cert or --key alone: each needs the other"],
  [["ws://a", "--ping", "0"], "Cannot use --ping 0: it must be a number from 0.1 to 1000000"],
  [["ws://a", "--count", "1.5"], "Cannot use --count 1.5: it must be a whole number of 1 or more"],
  [
    ["ws://a", "--once", "--count", "2"],
    "Cannot use --once with --count: they contradict each other",
  ],
  [
    ["ws://a", "--binary", "dmp"],
    "Cannot use --binary dmp: it must be dump, hex or raw. Did you mean dump?",
  ],
  [["ws://a", "-i", "all"], "Cannot use --input all: it must be lines, hex, text or binary"],
];

test("connect says what is wrong with its arguments", async () => {
  for (const [args, says] of wrong) {
    await assert.rejects(connect(args), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.message, says);
      assert.match(error.usage, /^Usage: isosocket connect /);
      return true;
    });
  }
});

test("connect ends with 2 for such arguments, and prints no stack", options, async () => {
  const { code, stdout, stderr } = await run("connect", "ftp://localhost");
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^Cannot connect .+ is ftp\nUsage: isosocket connect .+\n$/);
});

test("connect ends with 1 where nobody can listen, and prints no stack", options, async () => {
  const taken = harness.at("").replace("ws://", "");
  const { code, stdout, stderr } = await run("connect", "--listen", taken);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.equal(stderr, `Cannot listen on ${taken}: the port is in use\n`);
});

test("connect takes an address without a scheme, and a port of this machine", async () => {
  const usage = "the usage";
  const addresses: [given: string, url: string][] = [
    ["127.0.0.1:8080", "ws://127.0.0.1:8080/"],
    ["localhost", "ws://localhost/"],
    ["a.example/path?x", "ws://a.example/path?x"],
    ["[::1]:8080", "ws://[::1]:8080/"],
    ["user:pass@host:1", "ws://user:pass@host:1/"],
    ["8080", "ws://localhost:8080/"],
    [":8080/path", "ws://localhost:8080/path"],
    ["https://a.example", "wss://a.example/"],
    ["ws:/a.example", "ws://a.example/"],
    ["ws:8080", "ws://ws:8080/"],
  ];
  for (const [given, url] of addresses) {
    assert.equal((await readTarget([given], {}, usage)).url, url, given);
  }
});

test("connect ends at once, and in peace, when nobody reads what it prints", options, async () => {
  // The input has no end, and the answers would not have one either.
  const shell = start(["-c", 'yes | "$@" | head -n 2; echo over', "sh", ...words()], ["sh", []]);
  await shell.printed(/over\n/);
  assert.deepEqual(await shell.ended, { code: 0, stdout: "y\ny\nover\n", stderr: "" });
});

/** The command and its arguments, for a shell. */
function words(): string[] {
  return [here[0], ...here[1], "connect", harness.at("/"), "-q"];
}
