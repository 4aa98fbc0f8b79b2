/** Clients whose server sends huge messages: highly compressed, or just long. @module */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import net, { type AddressInfo } from "node:net";
import { constants, deflateRawSync } from "node:zlib";
import { CLIENT_MAX_PAYLOAD } from "../../src/core/max_payload.ts";
import { Child } from "../processes/child.ts";
import type { Cost } from "../processes/cost.ts";
import { command } from "../processes/runtime.ts";
import type { BombedEnd } from "./clients/bombed.ts";
import { BINARY } from "./frames.ts";
import { Memory } from "./memory.ts";
import { mebibytes, type Scenario, type Trial } from "./trial.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Bytes of a message: received, inflated, and at the listener; and bytes that a process grows by itself. */
const MOST = 3 * CLIENT_MAX_PAYLOAD + 160 * MIB;

/** First byte of a compressed binary message (RFC 7692, 6). */
const COMPRESSED = 0xc0 | BINARY;

/** Encodes the head of a frame (RFC 6455, 5.2). */
function head(first: number, length: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = first;
  bytes[1] = 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Bytes that a server sends after its answer: pieces, each a number of times. */
type Load = readonly (readonly [piece: Buffer, times: number])[];

/** Makes a message of 2 GiB, compressed into one frame of 2 MB (RFC 7692, 7.2.1). */
function bomb(): Load {
  const options = { level: 9, finishFlush: constants.Z_FULL_FLUSH };
  const piece = deflateRawSync(Buffer.alloc(64 * MIB), options);
  const times = 2 * GIB / (64 * MIB);
  const last = piece.subarray(0, -4);
  const length = piece.length * (times - 1) + last.length;
  return [[head(COMPRESSED, length), 1], [piece, times - 1], [last, 1]];
}

/** Makes a message of 1 GiB, in frames of a given size. */
function long(frame: number): Load {
  const piece = Buffer.alloc(MIB);
  if (frame === GIB) return [[head(0x80 | BINARY, GIB), 1], [piece, GIB / MIB]];
  const whole = (first: number): Buffer => Buffer.concat([head(first, MIB), piece]);
  return [[whole(BINARY), 1], [whole(0), GIB / MIB - 2], [whole(0x80), 1]];
}

/** Answers the handshake of a client, and sends it a load, if the client offers the extension for it. */
async function send(socket: net.Socket, load: Load): Promise<void> {
  let wake = (): void => {};
  socket.on("error", () => {});
  socket.on("drain", () => wake());
  socket.on("close", () => wake());
  const [request] = await new Promise<[Buffer]>((resolve) =>
    socket.once("data", (data) => resolve([data]))
  );
  const key = /^sec-websocket-key: *(\S+)/im.exec(request.toString("latin1"))?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const deflate =
    /^sec-websocket-extensions:.*permessage-deflate/im.test(request.toString("latin1"))
      ? "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
      : "";
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n${deflate}\r\n`,
  );
  for (const [piece, times] of load) {
    for (let i = 0; i < times && !socket.destroyed; i++) {
      if (socket.write(piece)) continue;
      await new Promise<void>((resolve) => wake = resolve);
    }
  }
  socket.end();
}

/** Starts a server that sends a load to each client. */
async function serve(load: Load): Promise<net.Server & AsyncDisposable> {
  const server = net.createServer((socket) => {
    send(socket, load).catch(() => socket.destroy()); // then no load arrives, which is a finding
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(server, {
    async [Symbol.asyncDispose](): Promise<void> {
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function bombed(trial: Trial): Promise<void> {
  const argument = JSON.stringify({ engine: trial.engine });
  const file = new URL("clients/bombed.ts", import.meta.url);
  const loads: Readonly<Record<string, Load>> = {
    "2 MB that inflate to 2 GiB": bomb(),
    "1 GiB in one frame": long(GIB),
    "1 GiB in frames of 1 MiB": long(MIB),
  };
  for (const [what, load] of Object.entries(loads)) {
    trial.progress(what);
    await using server = await serve(load);
    await using child = new Child(command(trial.runtime, file, argument));
    await child.hear();
    const { rss } = await child.ask<Cost>({ settled: true });
    using memory = new Memory(child.pid);
    const { port } = server.address() as AddressInfo;
    let end: string;
    let held = false;
    try {
      const { code, error, messages } = await child.ask<BombedEnd>({
        connect: `ws://127.0.0.1:${port}/`,
      });
      end = `${messages} messages, ${code}, ${error}`;
      held = messages === 0 && code === 1006;
    } catch (error) {
      end = (error as Error).message;
    }
    trial.found(`${what}: what the client tells`, "0 messages, 1006", end, held);
    const peak = memory.peak();
    const most = rss + MOST;
    trial.found(
      `${what}: memory at its peak`,
      `≤ ${mebibytes(most)}`,
      mebibytes(peak),
      peak <= most,
    );
  }
}

export const clientBombs: Scenario = {
  about: "a client whose server sends messages of gigabytes",
  connections: 1,
  run: bombed,
};
