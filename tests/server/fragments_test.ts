// What fragments cost beside their bytes is bounded, and bounds nobody who has a reason for them.

import { serve, type Server, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { maxFragments } from "../../src/limits.ts";
import { type Heard, readHead, request, WireFar } from "../../src/testing/far.ts";
import { type Frame, more, text } from "../../src/testing/frame.ts";
import { TcpWire } from "../far/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { by, engines } from "./places.ts";

const MEBIBYTE = 1024 * 1024;

/** Number of fragments that are written at a time. */
const PACKET = 1000;

const servers: Server[] = [];
after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** Engines that keep fragments one by one. The others join them, and hold no more than their bytes. */
const KEEPING = ["deno ws", "node 20 native", "node 22 native", "node 24 native", "node 26 native"];

/** Sends a message to a server that tells lengths, in so many fragments. */
async function send(
  engine: typeof engines[number],
  maxPayload: number,
  count: number,
  piece: string,
): Promise<Heard> {
  const where = { port: 0, hostname: "127.0.0.1", engine, maxPayload, onError() {} };
  const server = await serve(where, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = ({ data }) => socket.send(`${data.length}`);
    return response;
  });
  servers.push(server);
  const wire = await TcpWire.connect(server.port);
  await wire.write(request("/"));
  const far = new WireFar(wire, true, (await readHead(wire))!.rest);
  const middle = Array<Frame>(PACKET).fill(more(piece, false));
  void far.send(text(piece, false));
  for (let left = count - 2; left > 0; left -= PACKET) {
    void far.send(...middle.slice(0, Math.min(left, PACKET)));
  }
  void far.send(more(piece));
  return await far.next();
}

for (const engine of engines) {
  test(`4 MiB in fragments of 64 bytes are taken${by(engine)}`, async () => {
    const size = 4 * MEBIBYTE;
    const heard = await send(engine, size, size / 64, "x".repeat(64));
    assert.deepEqual(heard, { kind: "text", data: `${size}` });
  });

  for (const [length, what] of [[1, "of one byte"], [0, "that are empty"]] as const) {
    for (const maxPayload of [1000, MEBIBYTE]) {
      const most = maxFragments(maxPayload);
      test(`fragments ${what} are bounded, for maxPayload ${maxPayload}${by(engine)}`, async () => {
        if (length === 0 || maxPayload > most) {
          const heard = await send(engine, maxPayload, most, "x".repeat(length));
          assert.deepEqual(heard, { kind: "text", data: `${most * length}` });
        }
        const heard = await send(engine, maxPayload, most + 1, "x".repeat(length));
        const isWhole = length * (most + 1) <= maxPayload;
        if (KEEPING.includes(`${runtime} ${engine}`) || !isWhole) {
          assert.equal(heard.kind === "close" && heard.code, 1009);
        } else {
          assert.deepEqual(heard, { kind: "text", data: `${(most + 1) * length}` });
        }
      });
    }
  }
}

test("as many fragments are taken as 64 bytes each would fill, or 20,480", () => {
  const most = [1, 1000, 100_000, MEBIBYTE, 64 * MEBIBYTE, Infinity].map(maxFragments);
  assert.deepEqual(most, [1025, 2024, 20_480, 20_480, MEBIBYTE, Infinity]);
});
