// After close() nothing keeps the process alive: a program ends by itself, whichever peers are still there.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { type ByteStream, readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { encode, text, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import type { Ended, Running } from "../cli/command.ts";
import { runtime } from "../runtime.ts";
import { CERT } from "./certificate.ts";
import { by, connectTls, engines, newPath, removePaths } from "./places.ts";
import { killAll, run } from "./programs/program.ts";
import { askUpgrade } from "./raw_client.ts";

after(() => {
  TcpWire.dropAll();
  killAll();
  removePaths();
});

/** Opens a socket. */
async function enter(port: number, path: string): Promise<ByteStream> {
  const { status, peer } = await askUpgrade(port, path);
  assert.equal(status, 101);
  return peer.wire;
}

/** Sends bytes, and reads no answer. */
async function send(port: number, bytes: Uint8Array<ArrayBuffer>): Promise<TcpWire> {
  const wire = await TcpWire.connect(port);
  await wire.write(bytes);
  return wire;
}

function get(path: string): Uint8Array<ArrayBuffer> {
  return utf8(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

/** Peers that are there when the server closes. */
const PEERS: Readonly<Record<string, (port: number) => Promise<unknown>>> = {
  "nobody else": () => Promise.resolve(),
  "a peer that never answers Close": (port) => enter(port, "/socket"),
  "a peer that goes on talking": async (port) => {
    const wire = await enter(port, "/socket");
    const timer = setInterval(() => void wire.write(encode(text("and"), true)), 10);
    timer.unref();
  },
  "a peer that has ended TCP": async (port) => await (await enter(port, "/socket")).end(),
  "a peer that has reset TCP": async (port) => await (await enter(port, "/socket")).reset(),
  "a peer that reads nothing": async (port) => await (await enter(port, "/much")).pause(),
  "a connection that said nothing": (port) => TcpWire.connect(port),
  "a request that is not whole": (port) => send(port, utf8("GET / HTTP/1.1\r\nHost: a\r\n")),
  "a connection that waits for its next request": async (port) => {
    await readHead(await send(port, get("/page")));
  },
  "a request that is never answered": (port) => send(port, get("/never")),
  "a handshake that is never answered": (port) => send(port, request("/never")),
  "an answer that never ends": async (port) => await readHead(await send(port, get("/stream"))),
  "a client that left before its handshake was answered": async (port) => {
    const wire = await send(port, request("/later"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await wire.reset();
    await new Promise((resolve) => setTimeout(resolve, 100));
  },
};

/** Peers that keep a process alive, and why. It must be true: on the day when it is not, its test fails. */
const LINGERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "deno native": {
    "a peer that reads nothing": "Deno cannot take back what it writes, nor cut the connection",
  },
};

/** ms: how long a process that has nothing to do may take to end, on a slow machine. */
const SOON = 4_000;

/** Has a program close its server, and returns how it ended; `undefined` if it has not, in time. */
async function endOf(program: Running, dial: () => Promise<TcpWire>): Promise<Ended | undefined> {
  const wire = await dial();
  await wire.write(get("/end"));
  assert.match((await readHead(wire))?.head ?? "", /^HTTP\/1.1 200/);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), SOON);
  });
  const ended = await Promise.race([program.ended, late]);
  clearTimeout(timer);
  assert.match(program.stdout(), /closed \d+, terminated \d+/);
  program.kill("SIGKILL");
  return ended;
}

const certificate = newPath();
writeFileSync(certificate, CERT);

/** Starts a program, and waits until it listens and a client of its own is connected. */
async function start(...args: string[]): Promise<{ program: Running; port: number }> {
  const trusted = { NODE_EXTRA_CA_CERTS: certificate, DENO_CERT: certificate };
  const program = run("ending.ts", args, { env: trusted });
  const port = Number(/\d+/.exec(await program.printed(/listens on \d+/))![0]);
  return { program, port };
}

for (const engine of engines) {
  for (const [who, arrive] of Object.entries(PEERS)) {
    const reason = LINGERS[`${runtime} ${engine}`]?.[who];
    const suffix = reason === undefined ? "" : " (deviates)";
    test(`a process ends after close() with ${who}${by(engine)}${suffix}`, async () => {
      const { program, port } = await start(engine);
      await arrive(port);
      const ended = await endOf(program, () => TcpWire.connect(port));
      if (reason === undefined) assert.deepEqual([ended?.code, ended?.stderr], [0, ""]);
      else assert.equal(ended, undefined, `It ends now, so delete: ${reason}`);
    });
  }

  test(`a process ends after close() with a connection that began no TLS${by(engine)}`, async () => {
    const { program, port } = await start(engine, "tls");
    await TcpWire.connect(port);
    const secure = (): Promise<TcpWire> => TcpWire.through(connectTls({ port }), "secureConnect");
    assert.equal((await endOf(program, secure))?.code, 0);
  });
}
