// A judge that listens survives any request, and only a client ends its run.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { test } from "node:test";
import {
  type Case,
  type ClientJudge,
  judgeClients,
  type ListenOptions,
} from "../../src/conformance/mod.ts";

const PATTERNS = ["5.5.2/answers-an-empty-ping"];

/** Sends bytes; returns what is received until the judge ends the connection. */
function exchange({ url }: ClientJudge, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let got = "";
    socket.setEncoding("latin1").on("data", (text) => got += text);
    socket.on("error", reject);
    socket.on("close", () => resolve(got));
    socket.end(Buffer.from(bytes, "latin1"));
  });
}

/** Returns a handshake, from a page of this origin if given. */
function handshake(target: string, host: string, origin?: string): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version: 13",
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    "",
    "",
  ].join("\r\n");
}

async function withJudge(
  options: ListenOptions,
  use: (judge: ClientJudge, host: string) => Promise<void>,
): Promise<void> {
  const judge = await judgeClients({ port: 0, patterns: PATTERNS, timeout: 1000, ...options });
  try {
    await use(judge, new URL(judge.url).host);
  } finally {
    await judge.close();
  }
}

/** Request lines, and the status of the response; "" if the connection ends without one. */
const LINES: readonly (readonly [line: string, status: string])[] = [
  ["GET //[ HTTP/1.1", "404"],
  ["GET http://[ HTTP/1.1", "400"],
  ["GET http://a:99999/ HTTP/1.1", "400"],
  ["GET http://127.0.0.1/ HTTP/1.1", "200"],
  ["GET  HTTP/1.1", "400"],
  ["GET", ""],
  ["OPTIONS * HTTP/1.1", "400"],
  ["CONNECT [:1 HTTP/1.1", "400"],
  ["GET /\x00\x1b%zz%ff?%&=#\\ HTTP/1.1", "404"],
  ["GET / HTTP/1.1", "200"],
  ["\x16\x03\x01", ""],
  ["nonsense", ""],
];

test(
  "a judge that listens answers any request line, and survives",
  { timeout: 30_000 },
  async () => {
    await withJudge({}, async (judge, host) => {
      for (const [line, status] of LINES) {
        const got = await exchange(judge, `${line}\r\nHost: ${host}\r\n\r\n`);
        assert.equal(got.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length), status, line);
      }
      for (
        const target of ["//[", "/runCase?case=1e9&agent=x", "/runCase?agent=%ff", "/getCaseInfo"]
      ) {
        assert.match(await exchange(judge, handshake(target, host)), /^HTTP\/1\.1 400 /, target);
      }
      for (const early of ["", "GET", "GET / HTTP/1.1\r\n"]) {
        assert.equal(await exchange(judge, early), "");
      }
      assert.match(await exchange(judge, handshake("/getCaseCount", host)), /^HTTP\/1\.1 101 /);
    });
  },
);

test(
  "a page that is not the judge's own starts no case and ends no run",
  { timeout: 30_000 },
  async () => {
    const done: string[] = [];
    const options: ListenOptions = {
      origins: ["https://allowed.example"],
      onDone: (agent) => done.push(agent),
    };
    await withJudge(options, async (judge, host) => {
      const { port } = new URL(judge.url);
      const rebound = `evil.example:${port}`; // DNS rebinding: a name that resolves to the judge
      const foreign: readonly (readonly [host: string, origin: string])[] = [
        [host, "https://evil.example"],
        [host, "null"],
        [host, ""],
        [host, `http://${rebound}`],
        [rebound, `http://${rebound}`],
        [host, `http://localhost:${port}`],
        [host, "http://127.0.0.1"],
        [host, `http://${host}, http://${host}`],
        [host, `http://${host}.evil.example`],
        [host, "http://["],
      ];
      for (const [at, origin] of foreign) {
        for (
          const target of ["/updateReports?agent=x", "/runCase?case=1&agent=x", "/getCaseCount"]
        ) {
          const got = await exchange(judge, handshake(target, at, origin));
          assert.match(got, /^HTTP\/1\.1 403 [^]*open the page of the judge/, `${at} ${origin}`);
        }
      }
      assert.deepEqual(done, []);
      const own: readonly (readonly [host: string, origin: string | undefined])[] = [
        [host, undefined],
        ["judge.internal:1", undefined],
        [host, `http://${host}`],
        [host, host], // as some libraries write it
        [`localhost:${port}`, `http://localhost:${port}`],
        [host, "https://allowed.example"],
      ];
      for (const [at, origin] of own) {
        const got = await exchange(
          judge,
          handshake(`/updateReports?agent=${done.length}`, at, origin),
        );
        assert.match(got, /^HTTP\/1\.1 101 /, `${at} ${origin}`);
      }
      assert.deepEqual(done, ["0", "1", "2", "3", "4", "5"]);
      assert.deepEqual((await judge.close()).length, 0);
    });
  },
);

test("a judge that listens on all addresses accepts pages from its addresses only", async () => {
  await withJudge({ host: "0.0.0.0" }, async (_, host) => {
    const judge = { url: `ws://127.0.0.1:${host.split(":")[1]}` } as ClientJudge;
    const ask = async (name: string): Promise<string> => {
      const at = `${name}:${host.split(":")[1]}`;
      return (await exchange(judge, handshake("/getCaseCount", at, `http://${at}`))).slice(9, 12);
    };
    assert.equal(await ask("192.0.2.1"), "101");
    assert.equal(await ask("[2001:db8::1]"), "101");
    assert.equal(await ask("localhost"), "101");
    assert.equal(await ask("evil.example"), "403");
  });
});

test("an error of the judge itself stops the run, not the process", async () => {
  const broken: Case = {
    id: "5.5.2/is-broken",
    section: "5.5.2",
    requirement: "",
    level: "must",
    get steps(): never {
      throw new Error("a bug");
    },
    autobahn: [],
    judges: ["client"],
    alone: false,
  };
  const judge = await judgeClients({ port: 0, cases: [broken] });
  const host = new URL(judge.url).host;
  assert.equal(await exchange(judge, handshake("/runCase?case=1&agent=x", host)), "");
  assert.match(await exchange(judge, handshake("/getCaseCount", host)), /^HTTP\/1\.1 101 /);
  const runs = await judge.close();
  assert.deepEqual(runs.map(({ stopped }) => stopped), ["The judge failed: a bug"]);
});
