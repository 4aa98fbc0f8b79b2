// The command `isosocket serve`, as a user runs it.

import { connect, type Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { test } from "node:test";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { run, type Serving, serving, skip, start, withServing } from "../command.ts";

const options = { skip };

/** Registers a test that runs with a server. */
function testServing(
  title: string,
  use: (server: Serving) => Promise<void>,
  args: string[] = [],
): void {
  test(title, options, () => withServing(args, use));
}

/** Waits for the end of a socket. */
async function closed(socket: Socket): Promise<Pick<CloseEvent, "code" | "reason" | "wasClean">> {
  const { code, reason, wasClean } = await socket.closed;
  return { code, reason, wasClean };
}

testServing("serve prints where the page and the echo are, without colour in a pipe", (server) => {
  const { port } = new URL(server.url);
  assert.match(server.stdout(), new RegExp(`page {2}http://127\\.0\\.0\\.1:${port}/\n`));
  assert.match(server.stdout(), new RegExp(`echo {2}ws://127\\.0\\.0\\.1:${port}/\n`));
  assert.ok(!server.stdout().includes("\x1b"));
  return Promise.resolve();
});

testServing(
  "serve echoes text as text, binary as binary, and agrees on the first protocol",
  async ({ url }) => {
    const socket = connect(url, { protocols: ["Chat.v2", "chat.v1"], binaryType: "arraybuffer" });
    const log = new EventLog(socket);
    await socket.opened;
    assert.equal(socket.protocol, "Chat.v2");
    for (const text of ["", "héllo ✓", "x".repeat(70_000)]) {
      socket.send(text);
      assert.equal((await log.next("message")).data, text);
    }
    for (const length of [0, 5, 1024 * 1024]) {
      const bytes = new Uint8Array(length).map((_, i) => i);
      socket.send(bytes);
      const { data } = await log.next("message");
      assert.deepEqual(new Uint8Array(data), bytes);
    }
    socket.close(4001, "bye");
    assert.deepEqual(await closed(socket), { code: 4001, reason: "bye", wasClean: true });
  },
);

testServing("serve closes by itself when the query says so", async ({ url }) => {
  const byCode = connect(`${url}?close=4001&reason=bye`);
  assert.deepEqual(await closed(byCode), { code: 4001, reason: "bye", wasClean: true });
  const withoutCode = connect(`${url}?after=1`);
  assert.equal((await closed(withoutCode)).code, 1005);
});

testServing(
  "serve refuses a query that makes no sense with 400, and with the status asked for",
  async ({ url }) => {
    for (
      const [query, status, says] of [
        ["close=999", 400, "Cannot close with code 999"],
        ["close=x", 400, "Cannot echo with close=x"],
        ["wait=99999", 400, "it must be between 0 and 10000"],
        ["refuse=200", 400, "it must be between 400 and 599"],
        ["refuse=418", 418, "Refused"],
      ] as const
    ) {
      const { head, body } = await handshake(url, query);
      assert.match(head, new RegExp(`^HTTP/1.1 ${status}`), query);
      assert.ok(body.includes(says), body);
    }
  },
);

testServing("serve echoes to pages of any origin", async ({ url }) => {
  for (const origin of ["https://elsewhere.example", "null", "nonsense"]) {
    assert.match((await handshake(url, "", `Origin: ${origin}\r\n`)).head, /^HTTP\/1.1 101/);
  }
});

/** Sends a handshake over plain TCP. Returns the head of the answer, and its body. */
async function handshake(
  url: string,
  query: string,
  more = "",
): Promise<{ head: string; body: string }> {
  const { hostname, port } = new URL(url);
  const tcp = dial(Number(port), hostname);
  tcp.write(
    `GET /?${query} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nCookie: secret=1\r\n${more}` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: a, b\r\n\r\n",
  );
  let text = "";
  await new Promise<void>((resolve, reject) => {
    tcp.setEncoding("latin1").on("error", reject).on("close", () => resolve());
    tcp.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0 && (text.includes(" 101 ") || text.length > end + 10)) resolve();
    });
  });
  tcp.destroy();
  const end = text.indexOf("\r\n\r\n");
  return { head: text.slice(0, end), body: text.slice(end + 4) };
}

testServing(
  "serve shows the headers of a handshake as they were on the wire, but for cookies",
  async ({ url }) => {
    const { head } = await handshake(url, "trace=t1");
    const shown = await (await fetch(`${url}handshake?trace=t1`)).json();
    assert.equal(shown.request.line, "GET /?trace=t1 HTTP/1.1");
    const requested = Object.fromEntries(shown.request.headers);
    assert.equal(requested["Sec-WebSocket-Protocol"], "a, b");
    assert.equal(requested["Cookie"], "(not shown)");
    const [line, ...headers] = head.split("\r\n").map((text) => text.toLowerCase());
    assert.equal(shown.response.line.toLowerCase(), line);
    assert.equal(shown.response.headers.length, 4);
    for (const [name, value] of shown.response.headers) {
      assert.ok(headers.includes(`${name}: ${value}`.toLowerCase()), `${name}: ${value}`);
    }
    const unknown = await fetch(`${url}handshake?trace=t2`);
    assert.equal(unknown.status, 404);
    await unknown.text();
  },
);

testServing("serve shows a refusal, which browsers hide", async ({ url }) => {
  await handshake(url, "trace=t1&refuse=403");
  const { response } = await (await fetch(`${url}handshake?trace=t1`)).json();
  assert.equal(response.line, "HTTP/1.1 403 Forbidden");
  assert.equal(response.body, "Refused, as the query asks\n");
});

testServing(
  "serve answers HTTP with the page, its files, and nothing from elsewhere",
  async ({ url }) => {
    const types = {
      "": "text/html",
      "inspector.css": "text/css",
      "inspector.js": "text/javascript",
      "reconnect.js": "text/javascript",
    };
    for (const [path, type] of Object.entries(types)) {
      const response = await fetch(url + path);
      assert.equal(response.headers.get("content-type"), `${type}; charset=utf-8`);
      assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
      const text = (await response.text()).replaceAll("http://www.w3.org/2000/svg", "");
      assert.doesNotMatch(text, /https?:\/\/\w/);
    }
    assert.equal((await fetch(`${url}nothing`)).status, 404);
    assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
  },
);

testServing("serve prints a line for each connection and each close", async (server) => {
  const socket = connect(`${server.url}?a=1`, { protocols: ["p"] });
  const log = new EventLog(socket);
  await socket.opened;
  socket.send("hello");
  await log.next("message");
  socket.close(4001, "bye\x1b[2J\x9b");
  await closed(socket);
  await server.printed(/#1 {2}open {4}127\.0\.0\.1 {2}\/\?a=1 {2}protocol p\n/);
  await server.printed(
    /#1 {2}close {3}4001 "bye\\u001b\[2J\\u009b" {2}clean {2}1 message, 5 bytes\n/,
  );
});

testServing("serve --quiet prints no such line", async (server) => {
  const socket = connect(server.url);
  await socket.opened;
  socket.close();
  await closed(socket);
  assert.doesNotMatch(server.stdout(), /#1/);
}, ["--quiet"]);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`serve closes its sockets with 1001 on ${signal}, and ends with 0`, options, async () => {
    const server = await serving();
    const sockets = [connect(server.url), connect(server.url)];
    await Promise.all(sockets.map((socket) => socket.opened));
    const ends = sockets.map(closed);
    server.kill(signal);
    for (const end of await Promise.all(ends)) {
      assert.deepEqual(end, { code: 1001, reason: "the server is stopping", wasClean: true });
    }
    const { code, stderr, stdout } = await server.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /Closing 2 sockets\n/);
  });
}

testServing("serve says so when the port is taken, and ends with 1", async ({ url }) => {
  const { port } = new URL(url);
  const { code, stdout, stderr } = await run("serve", "--port", port);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(
    stderr,
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use\n`),
  );
  assert.match(stderr, /--port 0 for any\.\n$/);
});

test("serve says so when it cannot have the address, and ends with 1", options, async () => {
  for (const host of ["192.0.2.1", "no such host"]) {
    const { code, stderr } = await run("serve", "--port", "0", "--host", host);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^Cannot listen on ${host}:0: .+\n$`));
  }
});

testServing("serve --host 0.0.0.0 is there for other machines, and says where", async (server) => {
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:/);
  for (const [, url] of server.stdout().matchAll(/also {2}(\S+)/g)) {
    const response = await fetch(url!);
    assert.equal(response.status, 200);
    await response.text();
  }
}, ["--host", "0.0.0.0"]);

const wrong: [args: string[], says: string][] = [
  [["serve", "--prot", "1"], "Cannot take --prot: there is no such option. Did you mean --port?"],
  [["serve", "--unlike-any"], "Cannot take --unlike-any: there is no such option"],
  [["serve", "-x"], "Cannot take -x: there is no such option"],
  [["serve", "--port"], "Cannot take --port alone: it needs a value"],
  [["serve", "--port", "65536"], 'Cannot listen on port "65536": it must be between 0 and 65535'],
  [["serve", "--port", "-1"], 'Cannot listen on port "-1": it must be between 0 and 65535'],
  [["serve", "--port=http"], 'Cannot listen on port "http": it must be between 0 and 65535'],
  [["serve", "--quiet=yes"], 'Cannot take "yes" for --quiet: it takes no value'],
  [["serve", "8080"], 'Cannot take "8080": only options may stand here'],
  [["sevre"], 'Cannot run "sevre": there is no such command. Did you mean "serve"?'],
  [["--hlep"], 'Cannot run "--hlep": there is no such command. Did you mean "--help"?'],
  [["help", "sevre"], 'Cannot run "sevre": there is no such command. Did you mean "serve"?'],
  [["help", "constructor"], 'Cannot run "constructor": there is no such command'],
  [
    ["serve", "--hostname", "a"],
    "Cannot take --hostname: there is no such option. Did you mean --host?",
  ],
  [["constructor"], 'Cannot run "constructor": there is no such command'],
];

for (const [args, says] of wrong) {
  test(`isosocket ${args.join(" ")}: says what is wrong, and ends with 2`, options, async () => {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    const [first, second, ...rest] = stderr.split("\n");
    assert.equal(first, says);
    assert.match(second ?? "", /^Usage: isosocket /);
    assert.deepEqual(rest, [""]);
  });
}

test("--help teaches with examples, and has the table of exit codes", options, async () => {
  const table = "\nExit codes:\n    0   all went as asked";
  for (const args of [["--help"], ["serve", "--help"], ["connect", "-h"], ["bench", "-h"]]) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /Examples:\n {2}isosocket /);
    assert.ok(stdout.includes(table), stdout);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  }
  const { stdout } = await run("judge", "--help");
  assert.match(stdout, /Examples:\n {2}isosocket judge /);
  assert.ok(stdout.includes(table), stdout);
});

test("--version is that of the package", options, async () => {
  const manifest = await readFile(new URL("../../../deno.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest);
  for (const args of [["--version"], ["-V"], ["serve", "--version"]]) {
    const { code, stdout } = await start(args).ended;
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `${version}\n` });
  }
});
