// Deno allocates hundreds of bytes for each message that waits, and counts only its payload.

import { serve, type ServerSocket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { askUpgrade } from "../server/raw_client.ts";

const MEBIBYTE = 1024 * 1024;

after(() => TcpWire.dropAll());

const skip = runtime === "deno" ? false : "this is not Deno";

test("messages of one byte that wait count for the memory that they take", { skip }, async () => {
  let made!: (socket: ServerSocket) => void;
  const opening = new Promise<ServerSocket>((resolve) => made = resolve);
  const options = {
    port: 0,
    hostname: "127.0.0.1",
    maxBuffered: 24 * MEBIBYTE,
    lowWaterMark: 20 * MEBIBYTE,
  } as const;
  const server = await serve(options, (request) => {
    const { socket, response } = upgrade(request);
    made(socket);
    return response;
  });
  const { peer } = await askUpgrade(server.port);
  const socket = await opening;
  const log = new EventLog(socket);
  await peer.wire.pause();
  if (socket.readyState === 0) await log.next("open");
  socket.send(new Uint8Array(16 * MEBIBYTE)); // more than systems take
  let count = 0;
  while (socket.readyState === 1 && count < 100_000) {
    socket.send("x");
    count++;
  }
  assert.ok(socket.bufferedAmount <= 16 * MEBIBYTE + count);
  assert.equal(socket.readyState, 2, `${count} messages, ${socket.bufferedAmount} bytes wait`);
  const { error } = await log.next("error");
  assert.match((error as Error).message, /does not read: \d+ bytes wait/);
  await server.close({ deadline: 0 });
});
