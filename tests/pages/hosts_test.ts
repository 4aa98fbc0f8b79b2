// The server of docs/hosts.md: it answers a host's check, and ends in time by each signal.

import { connect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf } from "./page.ts";
import { freePort, start } from "./program.ts";

const [block] = blocksOf("docs/hosts.md").filter(({ code }) => code.startsWith("// server.ts: "));

/** ms: the shortest time that the page names for the end of a process. */
const SHORTEST = 5000;

async function tryStopping(signal: "SIGTERM" | "SIGINT"): Promise<void> {
  const port = await freePort();
  const program = await start(block!, port);
  try {
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
    const socket = connect(`ws://127.0.0.1:${port}/`);
    await socket.opened;
    const since = performance.now();
    const [{ code, wasClean }] = await Promise.all([socket.closed, program.stop(signal)]);
    assert.deepEqual([code, wasClean], [1012, true]);
    assert.ok(performance.now() - since < SHORTEST);
  } finally {
    program.end();
  }
}

test("the server of docs/hosts.md closes its sockets with 1012, and ends, by both signals", async () => {
  await Promise.all([tryStopping("SIGTERM"), tryStopping("SIGINT")]);
});
