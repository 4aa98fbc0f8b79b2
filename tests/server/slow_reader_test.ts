// A peer that takes all that was sent before close(), and needs longer than `closeTimeout` for it.

import { connect, type Engine, serve, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import net from "node:net";
import { after, test } from "node:test";
import { close, encode } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { acceptClient } from "../client/accept_client.ts";
import { runtime } from "../runtime.ts";
import { by, engines, FREE } from "./places.ts";
import { askUpgrade } from "./raw_client.ts";

const MEBIBYTE = 1024 * 1024;

/** ms: Long enough for what systems keep, and much less than the peer takes. */
const CLOSE_TIMEOUT = 1500;

/** Bytes that the peer takes in 50 ms. */
const STEP = 512 * 1024;

/**
 * More than systems keep: their buffers grow for a peer that reads fast, and this one does not. Deno's own
 * counts a message as buffered until all of it has left, so that a long one seems to make no progress.
 */
function sizesFor(engine: Engine): readonly number[] {
  const isCoarse = runtime === "deno" && engine === "native";
  const short = Array.from({ length: isCoarse ? 48 : 24 }, () => MEBIBYTE);
  return isCoarse ? short : [24 * MEBIBYTE, ...short];
}

const TOTAL = 48 * MEBIBYTE;

after(() => TcpWire.dropAll());

/** Takes bytes, all zero, slowly, and answers the Close frame behind them. */
async function takeSlowly(wire: TcpWire, masks: boolean): Promise<number> {
  let taken = 0;
  let tail: number[] = [];
  while (!endsWithClose(tail, masks)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await wire.resume();
    for (let step = 0; step < STEP && !endsWithClose(tail, masks);) {
      const chunk = await wire.read();
      if (chunk === undefined) return taken;
      step += chunk.length;
      taken += chunk.length;
      tail = [...tail, ...chunk.slice(-8)].slice(-8);
    }
    await wire.pause();
  }
  await wire.resume();
  await wire.write(encode(close(1000), masks));
  await wire.end();
  return taken;
}

/** Returns whether bytes end with a Close frame of code 1000: a key of a client may have any octets. */
function endsWithClose(bytes: readonly number[], masks: boolean): boolean {
  if (masks) return bytes.at(-4) === 0x88;
  const [opcode, length, one, other, , , high, low] = bytes;
  return opcode === 0x88 && length === 0x82 && (high! ^ one!) === 0x03 && (low! ^ other!) === 0xe8;
}

/** Sends messages, and closes at once. Resolves with the code of the end. */
async function sendAndClose(socket: Socket, sizes: readonly number[]): Promise<number> {
  const log = new EventLog(socket);
  if (socket.readyState === 0) await log.next("open");
  for (const size of sizes) socket.send(new Uint8Array(size));
  socket.close(1000);
  return (await log.next("close")).code;
}

for (const engine of engines) {
  test(`a server waits for a peer that takes its time${by(engine)}`, async () => {
    let ended!: (code: Promise<number>) => void;
    const code = new Promise<number>((resolve) => ended = resolve);
    const options = { ...FREE, engine, closeTimeout: CLOSE_TIMEOUT, maxBuffered: Infinity };
    const server = await serve(options, (request) => {
      const { socket, response } = upgrade(request);
      ended(sendAndClose(socket, sizesFor(engine)));
      return response;
    });
    try {
      const begin = Date.now();
      const { peer } = await askUpgrade(server.port);
      const wire = peer.wire as TcpWire;
      await wire.pause();
      const taken = await takeSlowly(wire, true);
      const time = Date.now() - begin;
      assert.equal(await code, 1000, `after ${taken} of ${TOTAL} bytes and ${time} ms`);
      assert.ok(taken > TOTAL - MEBIBYTE && time > 2 * CLOSE_TIMEOUT); // some came with the head
    } finally {
      await server.close();
    }
  });
}

// Deno's and Node's own clients count what is buffered only until close(), or until all has left.
for (const engine of runtime === "bun" ? ["native", "tcp"] as const : ["tcp"] as const) {
  test(`a client waits for a server that takes its time, by engine ${engine}`, async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const accepted = new Promise<TcpWire>((resolve) => {
      server.once("connection", (socket) => resolve(new TcpWire(socket)));
    });
    const { port } = server.address() as net.AddressInfo;
    const begin = Date.now();
    const socket = connect(`ws://127.0.0.1:${port}`, { engine, closeTimeout: CLOSE_TIMEOUT });
    const code = sendAndClose(socket, sizesFor(engine));
    const wire = await accepted;
    await acceptClient(wire);
    await wire.pause();
    const taken = await takeSlowly(wire, false);
    const time = Date.now() - begin;
    assert.equal(await code, 1000, `after ${taken} of ${TOTAL} bytes and ${time} ms`);
    assert.ok(taken > TOTAL - MEBIBYTE && time > 2 * CLOSE_TIMEOUT); // some came with the head
    server.close();
  });
}
