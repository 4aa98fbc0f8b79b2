// A peer that reads again some seconds after it was sent Close.

import { serve, type Server, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { binary, encode } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { askUpgrade } from "./raw_client.ts";

/** More than a system takes for a peer that does not read. */
const MESSAGES = 8;
const LENGTH = 1024 * 1024;

/** ms: Bun drops what is behind its own close() after four seconds. */
const LATE = 6000;

let server: Server;

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

test("what was sent before close() arrives, and the Close frame, however late a peer reads", async () => {
  let made!: (socket: Socket) => void;
  const socket = new Promise<Socket>((resolve) => made = resolve);
  server = await serve(
    { port: 0, hostname: "127.0.0.1", closeTimeout: 60_000 },
    (request) => {
      const { socket, response } = upgrade(request);
      made(socket);
      return response;
    },
  );
  const { peer } = await askUpgrade(server.port);
  const sender = await socket;
  const log = new EventLog(sender);
  await peer.wire.pause();
  if (sender.readyState === 0) await log.next("open");
  const message = new Uint8Array(LENGTH);
  for (let i = 0; i < MESSAGES; i++) sender.send(message);
  sender.close(4001, "bye");
  await new Promise((resolve) => setTimeout(resolve, LATE));
  await peer.wire.resume();
  const length = encode(binary(message), false).length;
  let bytes = 0;
  let end = new Uint8Array(0);
  const close = [0x88, 5, 4001 >> 8, 4001 & 0xff, ...new TextEncoder().encode("bye")];
  while (bytes < MESSAGES * length + close.length) {
    const chunk = await peer.wire.read();
    assert.ok(chunk !== undefined, `the connection ended after ${bytes} bytes`);
    bytes += chunk.length;
    end = new Uint8Array([...end, ...chunk.subarray(-close.length)]).slice(-close.length);
  }
  assert.deepEqual([...end], close);
  await peer.wire.write(
    encode({ opcode: 8, payload: Uint8Array.of(4001 >> 8, 4001 & 0xff) }, true),
  );
  await peer.wire.end(); // `ws` waits for the end of TCP
  const { code, wasClean } = await log.next("close");
  assert.deepEqual([code, wasClean], [4001, true]);
});
