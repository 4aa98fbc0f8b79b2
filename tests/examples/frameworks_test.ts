// The examples for frameworks and plain servers, as their users start them: each is a process of the
// runtime of this test, and a client of ours talks to it.

import { connect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { askUpgrade } from "../server/raw_client.ts";
import { EXAMPLES } from "./frameworks.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const started: ChildProcessWithoutNullStreams[] = [];
after(() => {
  TcpWire.dropAll();
  for (const child of started) child.kill("SIGKILL");
});

/** Starts an example, and reads from what it prints where it listens. */
async function start(name: string): Promise<{ port: number; end(): Promise<unknown> }> {
  const args = runtime === "deno" ? ["run", "-A"] : [];
  const env = { ...process.env, PORT: "0", NO_COLOR: "1" };
  const file = join(root, "examples", `${name}.ts`);
  const child = watch(spawn(process.execPath, [...args, file], { cwd: root, env }));
  started.push(child);
  const exited = new Promise((resolve) => child.on("exit", resolve));
  let text = "";
  const port = await new Promise<number>((resolve, reject) => {
    const hear = (chunk: Uint8Array): void => {
      text += chunk;
      const [, port] = /(?:127\.0\.0\.1:|port: )(\d+)\b/.exec(text) ?? [];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    void exited.then(() => reject(new Error(`${name} ended, and said: ${text}`)));
  });
  return {
    port,
    end() {
      process.kill(child.pid!, "SIGTERM"); // Deno takes kill() for the end, whatever the code
      return exited;
    },
  };
}

for (const [name, { header: [field, value], on }] of Object.entries(EXAMPLES)) {
  if (!on.some((it) => runtime.startsWith(it))) continue;

  test(`examples/${name}.ts serves pages and sockets, refuses strangers, and ends`, async () => {
    const { port, end } = await start(name);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.deepEqual([page.status, await page.text()], [200, "Hello"]);

    const stranger = await askUpgrade(port, "/rooms/blue");
    assert.equal(stranger.status, 401);
    await stranger.peer.wire.end();

    const path = "/rooms/blue?ticket=secret";
    const malformed = await askUpgrade(port, path, { "Sec-WebSocket-Version": "12" });
    assert.equal(malformed.status, 426);
    assert.equal(malformed.header("sec-websocket-version"), "13");
    await malformed.peer.wire.end();

    const guest = await askUpgrade(port, path);
    assert.deepEqual([guest.status, guest.header(field)], [101, value]);
    await guest.peer.wire.end();

    const socket = connect(`ws://127.0.0.1:${port}${path}`, { protocols: ["chat.v2", "chat.v1"] });
    socket.onopen = () => socket.send("hello");
    const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
    assert.deepEqual([data, socket.protocol], ["blue: hello", "chat.v1"]);

    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    const code = await end();
    assert.deepEqual([(await closed).code, code], [1001, 0]);
  });
}

test("each example for a framework has 20 lines at most", () => {
  for (const name of Object.keys(EXAMPLES)) {
    const text = readFileSync(join(root, "examples", `${name}.ts`), "utf8");
    assert.ok(text.trimEnd().split("\n").length <= 20, name);
  }
});
