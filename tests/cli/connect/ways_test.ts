// Options of `isosocket connect` that choose a way: proxies, redirects, unix sockets, an encrypted
// key, and a client in place of a server.

import { connect, serve, type Server, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { splitUnix } from "../../../src/cli/connect/call.ts";
import { parseWhere } from "../../../src/cli/connect/listen.ts";
import { UsageError } from "../../../src/cli/shared/command_line.ts";
import { readIdentity } from "../../../src/cli/shared/private_key.ts";
import { authority, client, localhost } from "../../client/certificates.ts";
import { answering, endAfter, right } from "../../adapters/tcp/handshake_server.ts";
import { here, run, skip, start } from "../command.ts";
import { type CliHarness, startHarness } from "../harness.ts";
import { httpProxy, type ProxyServer } from "./proxy_server.ts";

const options = { skip };
let harness: CliHarness;
let other: CliHarness;
let proxy: ProxyServer;
let secure: Server;
let folder: string;

endAfter();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ways-"));
  [harness, other, proxy] = await Promise.all([startHarness(), startHarness(), httpProxy()]);
  const at = { port: 0, hostname: "127.0.0.1", engine: "tcp", tls: localhost } as const;
  secure = await serve(at, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/redirect") {
      return new Response(null, { status: 302, headers: { location: searchParams.get("to")! } });
    }
    const { socket, response } = upgrade(request);
    socket.onopen = () => socket.close(1000);
    return response;
  });
});
after(async () => {
  proxy.close();
  await Promise.all([harness.server.close(), other.server.close(), secure.close({ deadline: 0 })]);
  await rm(folder, { recursive: true });
});

const secret = ["-H", "Authorization: Bearer abc", "-H", "Cookie: a=b", "-H", "X-Trace: 1"];

test(
  "connect goes through the proxy of --proxy or of the environment, and shows which",
  options,
  async () => {
    const { port } = new URL(harness.at("/"));
    const address = `user:s3cret@127.0.0.1:${proxy.port}`;
    const url = `ws://far.example:${port}/done`;
    const [named, variable] = await Promise.all([
      run("connect", url, "-n", "--proxy", `http://${address}`),
      start(["connect", url, "-n"], here, { http_proxy: address, no_proxy: "none.example" }).ended,
    ]);
    const through = `${url} through http://user:***@127.0.0.1:${proxy.port}\n`;
    for (const { code, stderr } of [named, variable]) {
      assert.equal(stderr, `Connected to ${through}The server closed: 1000\n`);
      assert.equal(code, 0);
    }
    assert.equal(proxy.requests.length, 2);
    for (const head of proxy.requests) {
      assert.match(
        head,
        /\nProxy-Authorization: Basic dXNlcjpzM2NyZXQ=\r/,
      );
    }
  },
);

test(
  "connect --location follows redirects, and leaves what is secret behind",
  options,
  async () => {
    const to = (url: string): string => `/redirect?to=${encodeURIComponent(url)}`;
    const address = harness.at(to("/redirect?to=/done")).replace("//", "//user:s3cret@");
    const same = await run("connect", address, "-L", "-n", ...secret.slice(2));
    assert.deepEqual(same.stderr.split("\n"), [
      `Redirected to ${harness.at("/redirect?to=/done").replace("//", "//user:***@")} (307)`,
      `Redirected to ${harness.at("/done").replace("//", "//user:***@")} (307)`,
      `Connected to ${harness.at("/done").replace("//", "//user:***@")}`,
      "The server closed: 1000",
      "",
    ]);
    assert.equal(harness.headers.get("authorization"), `Basic ${btoa("user:s3cret")}`);
    assert.equal(harness.headers.get("cookie"), "a=b");
    const [away, down] = await Promise.all([
      run("connect", harness.at(to(other.at("/done"))), "-L", "-n", ...secret),
      run("connect", `wss://127.0.0.1:${secure.port}${to(other.at("/done"))}`, "-Lkn"),
    ]);
    assert.equal(away.code, 0, away.stderr);
    const { headers } = other;
    assert.deepEqual(
      ["authorization", "cookie", "x-trace"].map((name) => headers.get(name)),
      [null, null, "1"],
    );
    assert.equal(down.code, 1);
    assert.match(down.stderr, /: the server redirects to ws:\S+, which is not encrypted\n$/);
  },
);

test("connect goes over unix sockets, and --listen waits on one", options, async (t) => {
  if (process.platform === "win32") return t.skip("Windows has other paths");
  const path = join(folder, "a.sock");
  const server = start(["connect", "--listen", path, "-x", "hello", "-1"], here, {}, "");
  await server.printed(/Listening on .+\n/, "stderr");
  const client = await run("connect", `ws+unix:${path}:/chat?x`, "-x", "hi", "-n");
  const listened = await server.ended;
  assert.deepEqual([client.code, client.stdout, listened.code, listened.stdout], [
    0,
    "hello\n",
    0,
    "hi\n",
  ]);
  assert.equal(
    client.stderr,
    `Connected to ws://localhost/chat?x at ${path}\nThe server closed: 1000\n`,
  );
  assert.equal(
    listened.stderr,
    `Listening on ${path}\nConnected to a client, which asked for /chat?x\nClosed: 1000\n`,
  );
});

test(
  "connect --listen speaks with one client, and refuses others and strange pages",
  options,
  async () => {
    const server = start([
      "connect",
      "-l",
      "0",
      "-n",
      "-P",
      "--protocol",
      "two",
      "-H",
      "X-A: b",
      "--ping",
      "0.1",
    ]);
    const url = (await server.printed(/Listening on (\S+)\n/, "stderr")).slice(13).trim();
    const page = connect(url, { engine: "tcp", headers: { origin: "https://page.example" } });
    assert.equal((await page.closed).code, 1006);
    await server.printed(
      /Refused 127\.0\.0\.1 with 403: --allow-origin https:\/\/page\.example lets its page in\n/,
      "stderr",
    );
    const socket = connect(url, { engine: "tcp", protocols: ["one", "two"] });
    await socket.opened;
    assert.equal(socket.protocol, "two");
    const late = connect(url, { engine: "tcp" });
    const { error } = await new Promise<ErrorEvent>((resolve) => {
      late.addEventListener("error", resolve as EventListener);
    });
    assert.equal((error.cause as { status: number }).status, 503);
    socket.send("\x1b[2J");
    await server.printed(/Pong after [\d.]+ \S+\n/, "stderr");
    socket.close(4001, "bye");
    const { code, stdout, stderr } = await server.ended;
    assert.deepEqual([code, stdout], [1, "\x1b[2J\n"]); // a pipe gets what was sent
    assert.match(stderr, /Connected to 127\.0\.0\.1, which asked for \/ \(protocol two\)\n/);
    assert.match(stderr, /The client closed: 4001 "bye"\n$/);
  },
);

test("connect -P shows Pings and their payloads, escaped", options, async () => {
  const frames = "\x89\x05a\x1b[2J\x89\x02\x00\xff\x89\x00\x8a\x01x\x88\x02\x03\xe8";
  const { port } = await answering((socket, accept) =>
    void socket.end(right(accept) + frames, "latin1")
  );
  const { code, stderr } = await run("connect", `127.0.0.1:${port}`, "-n", "-P");
  assert.equal(code, 0);
  assert.match(stderr, /\nPing "a\\u001b\[2J"\nPing 00 ff\nPing\nPong that nobody asked for "x"\n/);
});

test("connect uses an encrypted key, whose passphrase is no argument", options, async () => {
  const [cert, key, wrong] = ["cert.pem", "key.pem", "wrong"].map((name) => join(folder, name));
  const encrypted = createPrivateKey(client.key)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "s3 cret" });
  await writeFile(cert!, client.cert);
  await writeFile(key!, encrypted);
  await writeFile(wrong!, "other\n");
  await writeFile(join(folder, "ca.pem"), authority);
  const target = [
    "connect",
    `wss://localhost:${secure.port}/`,
    "-n",
    "--ca",
    join(folder, "ca.pem"),
  ];
  const files = ["--cert", cert!, "--key", key!];
  const good = await start([...target, ...files, "--passphrase", "env:PASS"], here, {
    PASS: "s3 cret",
  }).ended;
  assert.deepEqual([good.code, good.stdout], [0, ""], good.stderr);
  const cases: [from: string | undefined, says: RegExp][] = [
    [`file:${wrong}`, /^Cannot use --key \S+: the passphrase is wrong$/],
    ["file:/none", /^Cannot read --passphrase \/none: there is no such file$/],
    ["env:NONE_HERE", /^Cannot use --passphrase env:NONE_HERE: there is no such variable$/],
    ["s3 cret", /^Cannot use this --passphrase: it must be env:NAME or file:PATH/],
    [undefined, /^Cannot use --key \S+: it is encrypted, and --passphrase does not say/],
  ];
  for (const [from, says] of cases) {
    await assert.rejects(readIdentity(cert, key, from, "the usage"), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /s3 cret/);
      return true;
    });
  }
  const plain = join(folder, "plain.pem");
  await writeFile(plain, client.key);
  await assert.rejects(readIdentity(cert, plain, "s3 cret", "the usage"), {
    message: /^Cannot use this --passphrase: it must be env:NAME or file:PATH/,
  });
  await writeFile(wrong!, "no key");
  const swapped = join(folder, "other.pem");
  await writeFile(swapped, localhost.key);
  const bad: [string, string, RegExp][] = [
    [cert!, wrong!, /^Cannot use --key \S+: it has no private key in PEM$/],
    [wrong!, key!, /^Cannot use --cert \S+: it has no certificate in PEM$/],
    [cert!, swapped, /^Cannot use --key \S+: it is not that of --cert /],
  ];
  for (const [cert, key, says] of bad) {
    await assert.rejects(readIdentity(cert, key, undefined, "the usage"), { message: says });
  }
});

test("splitUnix() reads the addresses that the package ws takes, and --unix-socket", () => {
  const cases: [address: string, url: string, unix: string][] = [
    ["ws+unix:/run/a.sock", "ws://localhost/", "/run/a.sock"],
    ["ws+unix:///run/a.sock:/chat?x=:1", "ws://localhost/chat?x=:1", "/run/a.sock"],
    ["wss+unix:./a.sock:/", "wss://localhost/", "./a.sock"],
  ];
  for (const [address, url, unix] of cases) {
    assert.deepEqual(splitUnix(address, undefined, ""), { address: url, unix });
  }
  assert.deepEqual(splitUnix("a.example", "/a", ""), { address: "a.example", unix: "/a" });
});

test("parseWhere() takes ports, hosts and ports, and paths", () => {
  const at = (hostname: string, port: number): object => ({ hostname, port });
  assert.deepEqual(parseWhere("8080", ""), at("127.0.0.1", 8080));
  assert.deepEqual(parseWhere(":0", ""), at("127.0.0.1", 0));
  assert.deepEqual(parseWhere("0.0.0.0:80", ""), at("0.0.0.0", 80));
  assert.deepEqual(parseWhere("[::]:80", ""), at("[::]", 80));
  assert.deepEqual(parseWhere("./a.sock", ""), { unix: "./a.sock" });
  for (const text of ["", "host", "65536", "a:b", "-1"]) {
    assert.throws(() => parseWhere(text, ""), UsageError, text);
  }
});
