// reconnect() and a server that is killed again and again: the promises about loss and order.
//
// KILLS=100 MESSAGES=1000 makes it long.

import { reconnect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../../scripts/processes/unhandled.ts";

const KILLS = Number(process.env["KILLS"] ?? 5);
const MESSAGES = Number(process.env["MESSAGES"] ?? 200);

const file = fileURLToPath(new URL("mortal_server.ts", import.meta.url));

/** Starts the server, and resolves with its port when it listens. */
async function start(port: number, folder: string): Promise<{ child: ChildProcess; port: number }> {
  const how = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const args = [...how, file, `${port}`, folder, `${MESSAGES}`];
  const child = watch(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] }), true);
  const listening = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The server ended with ${code}`)));
    child.stdout!.once("data", (chunk) => resolve(Number(String(chunk))));
  });
  return { child, port: listening };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  process.kill(child.pid!, "SIGKILL");
  await gone;
}

test("with acknowledgements nothing is lost, and no send() arrives twice", {
  timeout: 20_000 + KILLS * 4000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "isosocket-"));
  let { child, port } = await start(0, folder);
  const socket = reconnect(`ws://127.0.0.1:${port}/`, {
    backoff: { base: 5, max: 100 },
    until: () => false,
  });
  /** Numbers that the server has not acknowledged. */
  const open = new Set(Array.from({ length: MESSAGES }, (_, number) => number));
  const heard = new Set<number>();
  const sends = new Set<string>();
  let sent = 0;
  let twice = 0;
  let out!: () => void;
  const done = new Promise<void>((resolve) => out = resolve);
  let connections = 0;
  socket.onopen = () => {
    connections++;
    for (const number of open) socket.send(JSON.stringify({ number, send: `${sent++}` }));
  };
  socket.onmessage = ({ data }) => {
    const { number, send, ack } = JSON.parse(data);
    if (ack !== undefined) open.delete(ack);
    else {
      if (sends.has(send)) twice++;
      sends.add(send);
      heard.add(number);
      socket.send(JSON.stringify({ ack: number }));
    }
    if (open.size === 0 && heard.size === MESSAGES) out();
  };
  for (let kills = 0; kills < KILLS; kills++) {
    await new Promise<void>((resolve) => {
      const midst = (): void => void setTimeout(resolve, Math.random() * 10);
      socket.addEventListener("open", midst, { once: true });
      if (socket.readyState === socket.OPEN) midst();
    });
    await kill(child);
    ({ child } = await start(port, folder));
  }
  await done;
  socket.close();
  await kill(child);

  const taken = readFileSync(join(folder, "taken"), "utf8").trimEnd().split("\n")
    .map((line) => line.split(" ") as [connection: string, number: string, send: string]);
  rmSync(folder, { recursive: true });
  assert.equal(new Set(taken.map(([, number]) => number)).size, MESSAGES);
  assert.equal(new Set(taken.map(([, , send]) => send)).size, taken.length, "a send() came twice");
  assert.equal(twice, 0, "the server's send() came twice");
  assert.ok(connections > 1, "it was never killed in the midst of it");
  const orders = new Map<string, number>();
  for (const [connection, , send] of taken) {
    assert.ok(Number(send) > (orders.get(connection) ?? -1), `${connection}: out of order`);
    orders.set(connection, Number(send));
  }
  console.log(
    `${KILLS} kills, ${connections} connections: ${sent} sent, ${taken.length} arrived, for ${MESSAGES} numbers; ` +
      `${sends.size} heard for ${heard.size}`,
  );
});
