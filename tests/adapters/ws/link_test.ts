// Writes of a link over `ws` to the stream below: their bytes and their order.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EventEmitter, once } from "node:events";
import type { Socket as TcpSocket } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import { Sender } from "ws";
import type { LinkEvents } from "../../../src/core/link.ts";
import { WsLink } from "../../../src/adapters/ws/link.ts";
import type { Ws } from "../../../src/adapters/ws/socket.ts";

/** Bun's own implementation of `ws` writes frames itself. */
const skip = typeof Sender.frame === "function" ? false : "this is Bun's ws";

const NOBODY = { heard() {} } as unknown as LinkEvents;

/** A `ws` socket and its stream, which record what is written, piece by piece. */
class Below extends EventEmitter {
  readonly written: string[] = [];
  readonly stream = {
    writableLength: 0,
    bytesRead: 0,
    cork(): void {},
    uncork(): void {},
    write: (bytes: Buffer): void => void this.written.push(bytes.toString("latin1")),
  };
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "arraybuffer";

  send(data: string | Buffer): void {
    this.written.push(`ws sends ${data.length}`);
  }

  ping(): void {
    this.written.push("ws pings");
  }

  link(threshold = Infinity): WsLink {
    const stream = this.stream as unknown as TcpSocket;
    return new WsLink(this as unknown as Ws, NOBODY, stream, threshold);
  }
}

async function endOfTick(): Promise<void> {
  const ticks = new EventEmitter();
  setImmediate(() => ticks.emit("over"));
  await once(ticks, "over");
}

test("short messages of one tick are one piece, in their order", { skip }, async () => {
  const below = new Below();
  const link = below.link();
  const shared = { data: "c" };
  link.send("a");
  link.send(new Uint8Array(0));
  link.sendShared(shared);
  assert.deepEqual(below.written, []);
  assert.equal(link.bufferedAmount, 3 + 2 + 3);
  await endOfTick();
  assert.deepEqual(below.written, ["\x81\x01a\x82\x00\x81\x01c"]);
  assert.equal(link.bufferedAmount, 0);
  link.sendShared(shared);
  await endOfTick();
  assert.deepEqual(below.written.slice(1), ["\x81\x01c"]);
});

test("what is long, and what ws writes itself, comes behind them", { skip }, async () => {
  const below = new Below();
  const link = below.link();
  link.send("a");
  link.send("long".repeat(2000));
  link.send("b");
  link.ping();
  link.send("c");
  const long = "d".repeat(5000);
  link.sendShared({ data: long });
  await endOfTick();
  assert.deepEqual(below.written, [
    "\x81\x01a",
    "ws sends 8000",
    "\x81\x01b",
    "ws pings",
    "\x81\x01c",
    `\x81\x7e\x13\x88${long}`,
  ]);
});

test("answers to Pings are joined with them", { skip }, async () => {
  const below = new Below();
  const link = below.link();
  link.send("a");
  below.emit("ping", Buffer.from("?"));
  link.send("b");
  await endOfTick();
  assert.deepEqual(below.written, ["\x81\x01a\x8a\x01?\x81\x01b"]);
});

test("a tick that brings many leaves in pieces of about 64 KiB", { skip }, async () => {
  const below = new Below();
  const link = below.link();
  for (let i = 0; i < 100; i++) link.send("x".repeat(998));
  await endOfTick();
  assert.deepEqual(below.written.map(({ length }) => length), [66 * 1002, 34 * 1002]);
});

test("nothing comes behind a Close frame that ws has sent meanwhile", { skip }, async () => {
  const below = new Below();
  const link = below.link();
  link.send("a");
  link.flush(); // as the server's ws socket does before it closes
  link.send("b");
  below.readyState = 2;
  await endOfTick();
  assert.deepEqual(below.written, ["\x81\x01a"]);
});
