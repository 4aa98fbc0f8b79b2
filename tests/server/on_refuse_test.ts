// Handshakes that are refused: what onRefuse is called with, and what the console gets without it.

import { type Refusal, serve, type SocketOptions, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, test } from "node:test";
import { UpgradeError } from "../../src/handshake/upgrade_error.ts";
import { RefusalConsole, refusalOf } from "../../src/server/refusal.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, entryPointsAndApps, type Open } from "./entry_points.ts";
import { askUpgrade } from "./raw_client.ts";

const EVIL = "https://evil.example";

const { warn, error } = console;
const lines: string[] = [];
console.warn = (line: string) => void lines.push(line);

afterEach(() => {
  lines.length = 0;
  console.error = error;
});

after(() => {
  console.warn = warn;
  TcpWire.dropAll();
});

/** Starts a server, sends handshakes from origins, and returns the statuses of the answers. */
async function statuses(
  entryPoint: EntryPoint,
  options: SocketOptions,
  origins: readonly string[],
): Promise<number[]> {
  const server: Open = await entryPoint.open((request) => upgrade(request).response, options);
  try {
    const found: number[] = [];
    for (const Origin of origins) {
      const { status, body } = await askUpgrade(server.connect, "/chat?ticket=secret", { Origin });
      found.push(status);
      await body();
    }
    return found;
  } finally {
    await server.close();
  }
}

for (const entryPoint of entryPointsAndApps) {
  test(`${entryPoint.name}: each refused origin is written to the console once`, async () => {
    const options = { onRefuse: undefined } as unknown as SocketOptions; // the default
    const origins = [EVIL, EVIL, "https://other.example", EVIL];
    assert.deepEqual(await statuses(entryPoint, options, origins), [403, 403, 403, 403]);
    assert.equal(lines.length, 2);
    assert.match(
      lines[0]!,
      /^isosocket has refused a WebSocket for "\/chat" with 403: the origin "https:\/\/evil\.example" is not /,
    );
    assert.match(lines[1]!, /the origin "https:\/\/other\.example" is not that of this server, /);
    assert.doesNotMatch(lines.join(), /secret/);
  });

  test(`${entryPoint.name}: onRefuse is called instead, and false is silence`, async () => {
    const refusals: Refusal[] = [];
    const onRefuse = (it: Refusal): void => void refusals.push(it);
    await statuses(entryPoint, { onRefuse, origins: [] }, [EVIL, EVIL]);
    const refusal: Refusal = {
      reason: "origin",
      status: 403,
      message:
        `Cannot upgrade: the origin "${EVIL}" is not allowed: the server's option "origins" ` +
        "must allow it",
      origin: EVIL,
      path: "/chat",
      remoteAddress: "127.0.0.1",
    };
    assert.deepEqual(refusals, [refusal, refusal]);
    await statuses(entryPoint, { onRefuse: false }, [EVIL]);
    assert.deepEqual(lines, []);
  });
}

test("an onRefuse that throws or rejects harms nobody", async () => {
  const logged: unknown[] = [];
  console.error = (it: unknown) => void logged.push(it);
  const failure = new Error("a bug");
  const throwing = [() => {
    throw failure;
  }, () => Promise.reject(failure)];
  for (const onRefuse of throwing) {
    assert.deepEqual(await statuses(entryPointsAndApps[0]!, { onRefuse }, [EVIL]), [403]);
  }
  assert.deepEqual(logged, [failure, failure]);
});

// The console, without a server.

const KEY = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };

/** Writes refusals to one console. */
function writer(): (error: UpgradeError, url?: string, headers?: HeadersInit) => void {
  const to = new RefusalConsole();
  return (error, url = "http://x/", headers = KEY) => {
    const request = { method: "GET", url, headers: new Headers(headers) };
    to.warn(refusalOf(error, request, undefined), request);
  };
}

function refusal(reason: UpgradeError["reason"], message = "no"): UpgradeError {
  return new UpgradeError(`Cannot upgrade: ${message}`, 403, {}, reason);
}

test("at most 20 lines are written of a kind, and the last says so", () => {
  const write = writer();
  for (let n = 1; n <= 30; n++) write(refusal("origin"), "http://x/", { ...KEY, origin: `o${n}` });
  assert.equal(lines.length, 20);
  assert.match(lines[19]!, /; no more of this kind is written\)$/);
  assert.doesNotMatch(lines[18]!, /no more/);
  for (let n = 1; n <= 30; n++) write(refusal("handshake", `wrong ${n}`));
  assert.equal(lines.length, 40); // others are not kept out
});

test("a line has no secret, no control character, and not much of what a client sends", () => {
  const write = writer();
  const message = 'the target "http://user:secret@x/p?secret" is \x1b[2J\u{202e}wrong';
  write(refusal("handshake", message), `http://x/${"a".repeat(9000)}?secret`);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^[ -~…]+$/);
  assert.match(lines[0]!, /the target "http:\/\/…@x\/p\?…" is/);
  assert.ok(lines[0]!.length < 500);
});

test("what the program decides, and what nobody misses, is not written", () => {
  const write = writer();
  write(refusal("handler"));
  write(refusal("closing"));
  write(refusal("handshake", 'the Upgrade header must have "websocket"'), "http://x/", {}); // a page
  assert.deepEqual(lines, []);
  write(refusal("full"));
  write(refusal("full"));
  write(refusal("timeout"));
  assert.equal(lines.length, 2);
});

test("docs/mistakes.md shows the line as the console gets it", async () => {
  const { body } = await withServer(async (port) => {
    const Origin = "http://localhost:5173";
    return await askUpgrade(port, "/chat?ticket=secret", { Origin, Host: "localhost:8080" });
  });
  await body();
  const page = await readFile(new URL("../../docs/mistakes.md", import.meta.url), "utf8");
  assert.ok(page.includes(`\n${lines[0]}\n`), lines[0]);
});

/** Starts a server by `serve()`, whose refusals go to the console. */
async function withServer<T>(use: (port: number) => Promise<T>): Promise<T> {
  const options = { port: 0, hostname: "127.0.0.1" };
  const server = await serve(options, (request) => upgrade(request).response);
  try {
    return await use(server.port);
  } finally {
    await server.close();
  }
}
