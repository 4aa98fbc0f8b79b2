// maxPayload of clients: the option, its default, and when a longer message is noticed. The contract
// tests the exact limit and the close code; scripts/stress.ts measures the memory.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  connect as connectByPlatform,
  reconnect as reconnectByPlatform,
} from "../../src/client/mod.ts";
import { DIAL } from "../../src/client/platform.ts";
import { webSocketBy } from "../../src/client/web_socket.ts";
import type { WebSocketError } from "../../src/client/web_socket_error.ts";
import { webSocketStreamBy } from "../../src/client/web_socket_stream.ts";
import { connect } from "../../src/portable/connect.ts";
import type { Dial } from "../../src/core/dial.ts";
import type { Link } from "../../src/core/link.ts";
import { reconnect } from "../../src/portable/reconnect.ts";
import { queueTask } from "../../src/core/task.ts";
import type { WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { listen, TcpWire } from "../raw_peer/tcp_wire.ts";
import { acceptClient } from "./accept_client.ts";

after(() => TcpWire.dropAll());

const MEBIBYTE = 1024 * 1024;
const DEFAULT = 64 * MEBIBYTE;

test("maxPayload is a number of bytes, 1 or more", () => {
  for (const dial of [connect, reconnect, connectByPlatform, reconnectByPlatform]) {
    for (const maxPayload of [0, -1, NaN]) {
      assert.throws(() => dial("ws://127.0.0.1:9/", { maxPayload }), {
        name: "RangeError",
        message: `Cannot use maxPayload ${maxPayload}: it must be 1 or more`,
      });
    }
    for (const maxPayload of ["1", null] as unknown as number[]) {
      assert.throws(() => dial("ws://127.0.0.1:9/", { maxPayload }), {
        name: "TypeError",
        message: /^Cannot use maxPayload ("1", a string|null): it must be a number$/,
      });
    }
  }
});

/** Returns a dial whose connection opens, and receives a message of so many bytes. */
function dialReceiving(size: number): Dial {
  return () => (events) => {
    const link: Link = { bufferedAmount: 0, send() {}, close() {}, terminate() {} };
    queueTask(() => {
      events.opened(link, "", "");
      queueTask(() => events.received(new ArrayBuffer(size)));
    });
    return () => {};
  };
}

/** Receives a message of so many bytes: returns its size, or the text of the error. */
async function receive(
  size: number,
  maxPayload: number | undefined,
  open: "connect" | "WebSocket" | "reconnect",
): Promise<number | string> {
  const dial = dialReceiving(size);
  const WebSocket = Object.assign(webSocketBy(dial), { [DIAL]: dial });
  const options = maxPayload === undefined ? {} : { maxPayload };
  const url = "ws://memory.invalid/";
  const socket = open === "connect"
    ? connect(url, { ...options, WebSocket })
    : open === "WebSocket"
    ? new WebSocket(url)
    : reconnect(url, { ...options, WebSocket, until: () => true });
  socket.binaryType = "arraybuffer";
  const result = await new Promise<number | string>((resolve) => {
    socket.onmessage = ({ data }: MessageEvent) => resolve(data.byteLength);
    socket.addEventListener("error", (event) => resolve(`${(event as ErrorEvent).error}`));
  });
  if (open === "reconnect") socket.close();
  return result;
}

test("64 MiB are received by default, and one byte more is not: connect(), WebSocket, reconnect()", async () => {
  const sentence = `A message has more than maxPayload, ${DEFAULT} bytes`;
  for (const open of ["connect", "WebSocket", "reconnect"] as const) {
    assert.equal(await receive(DEFAULT, undefined, open), DEFAULT);
    const name = open === "reconnect" ? "Error: No other attempt follows" : "QuotaExceededError";
    assert.equal(await receive(DEFAULT + 1, undefined, open), `${name}: ${sentence}`);
  }
});

test("maxPayload can be more, and Infinity is no limit: connect(), reconnect()", async () => {
  for (const open of ["connect", "reconnect"] as const) {
    for (const maxPayload of [DEFAULT + 1, Infinity]) {
      assert.equal(await receive(DEFAULT + 1, maxPayload, open), DEFAULT + 1);
    }
    assert.match(`${await receive(11, 10, open)}`, /more than maxPayload, 10 bytes$/);
  }
});

/** Connects a client, and returns its peer. */
async function connectPeer(connect: (url: string) => unknown, headers = ""): Promise<WirePeer> {
  const { port, accepted } = await listen();
  connect(`ws://127.0.0.1:${port}/`);
  return (await acceptClient(await accepted, headers))!;
}

test("a WebSocketStream fails if a message is too long", async () => {
  const Stream = webSocketStreamBy(dialReceiving(DEFAULT + 1));
  const stream = new Stream("ws://memory.invalid/");
  const { readable } = await stream.opened;
  const isTooLong = ({ name, closeCode, cause }: WebSocketError): boolean => {
    assert.deepEqual([name, closeCode], ["WebSocketError", 1006]);
    return (cause as Error).name === "QuotaExceededError";
  };
  await assert.rejects(readable.getReader().read(), isTooLong);
  await assert.rejects(stream.closed, isTooLong);
});

test("engine tcp notices a message that is too long by the head of its frame", async () => {
  let log!: EventLog;
  const peer = await connectPeer((url) => log = new EventLog(connect(url, { engine: "tcp" })));
  const head = new Uint8Array(10);
  head[0] = 0x82;
  head[1] = 127;
  new DataView(head.buffer).setBigUint64(2, 2n ** 40n);
  await peer.wire.write(head);
  const heard = await peer.part();
  const { code } = heard as { code?: number };
  assert.equal(code, 1009, heard.kind);
  assert.equal((await log.next("close")).code, 1006);
  const { name, message } = log.errors[0] as DOMException;
  assert.equal(name, "QuotaExceededError");
  assert.equal(message, `A message has more than maxPayload, ${DEFAULT} bytes`);
});

test("engine tcp counts what a message is inflated to", async () => {
  let log!: EventLog;
  const peer = await connectPeer(
    (url) => log = new EventLog(connect(url, { engine: "tcp", maxPayload: 100_000 })),
    "Sec-WebSocket-Extensions: permessage-deflate\r\n",
  );
  for (const [size, kind] of [[100_000, "text"], [100_001, "close"]] as const) {
    const deflated = deflateRawSync(Buffer.alloc(size, "x"), { finishFlush: 2 }).subarray(0, -4);
    const frame = peer.encode({ opcode: 1, payload: new Uint8Array(deflated) });
    frame[0] = 0xc1;
    await peer.wire.write(frame);
    if (kind === "text") assert.equal((await log.next("message")).data.length, size);
  }
  assert.equal((await peer.part() as { code?: number }).code, 1009);
  assert.equal((await log.next("close")).code, 1006);
  assert.equal((log.errors[0] as Error).name, "QuotaExceededError");
});
