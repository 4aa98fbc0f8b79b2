// A message may come in any number of fragments, of any length: engines join them in time.

import { serve, type Server, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Heard } from "../../src/testing/contract/raw_peer.ts";
import { type Frame, more, ping, text } from "../../src/testing/contract/frame.ts";
import { seeded } from "../../src/testing/memory/random.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { askUpgrade } from "./raw_client.ts";
import { by, engines } from "./places.ts";

const MEBIBYTE = 1024 * 1024;

/** Number of fragments of one byte, or of none. */
const MANY = 50_000;

/** Number of frames that are written at a time. */
const PACKET = 1000;

const servers: Server[] = [];
after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** Sends a message in these fragments to a server that echoes; returns what comes back. */
async function exchange(
  engine: typeof engines[number],
  pieces: readonly string[],
): Promise<Heard> {
  const where = { port: 0, hostname: "127.0.0.1", engine, maxPayload: 16 * MEBIBYTE };
  const server = await serve(where, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  servers.push(server);
  const { peer } = await askUpgrade(server.port);
  const frames = pieces.map((piece, i): Frame =>
    i === 0 ? text(piece, false) : more(piece, i === pieces.length - 1)
  );
  for (let i = 0; i < frames.length; i += PACKET) {
    void peer.send(...frames.slice(i, i + PACKET), ping("")); // beside control frames
  }
  let heard = await peer.next();
  while (heard.kind === "pong") heard = await peer.next();
  return heard;
}

for (const engine of engines) {
  test(`4 MiB in fragments of 64 bytes come whole${by(engine)}`, async () => {
    const pieces = Array.from({ length: 4 * MEBIBYTE / 64 }, (_, i) => `${i}`.padEnd(64));
    assert.deepEqual(await exchange(engine, pieces), { kind: "text", data: pieces.join("") });
  });

  test(`${MANY} fragments of one byte, or of none, come whole${by(engine)}`, async () => {
    for (const piece of ["", "x"]) {
      const data = piece.repeat(MANY);
      assert.deepEqual(await exchange(engine, Array(MANY).fill(piece)), { kind: "text", data });
    }
  });

  test(`fragments of different lengths come whole and in order${by(engine)}`, async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    t.diagnostic(`seed ${seed}`);
    const random = seeded(seed);
    const pieces = Array.from({ length: 1000 }, (_, i) => {
      const most = [1, 3, 100, 5000, 60_000][Math.floor(random() * 5)]!;
      return `${i} `.padEnd(Math.floor(random() * most), `${i}`).slice(0, most - 1);
    });
    assert.deepEqual(await exchange(engine, pieces), { kind: "text", data: pieces.join("") });
  });
}
