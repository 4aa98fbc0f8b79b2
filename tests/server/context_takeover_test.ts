// Compression with context takeover and small windows: at servers that can, and errors at others.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { headerOf, readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { decode, encode, join } from "../../src/testing/contract/frame.ts";
import { StreamingPeer } from "../adapters/tcp/streaming_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { prose } from "./deflating_peer.ts";

const WHERE = { port: 0, hostname: "127.0.0.1", onError() {} };

function echo(incoming: Request): Response {
  const { socket, response } = upgrade(incoming);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

test("both directions keep their context on Bun's own server", {
  skip: runtime !== "bun" && "this is not Bun",
}, async () => {
  const compression = { contextTakeover: true, threshold: 100 };
  const server = await serve({ ...WHERE, compression }, echo);
  const wire = await TcpWire.connect(server.port);
  await wire.write(request("/", { "Sec-WebSocket-Extensions": "permessage-deflate" }));
  const answer = (await readHead(wire))!;
  assert.equal(headerOf(answer.head, "sec-websocket-extensions"), "permessage-deflate");
  const peer = new StreamingPeer(15, 15);
  let bytes = answer.rest;
  const lengths: number[] = [];
  for (const text of [prose(1000), prose(1001), "short", prose(1002), prose(90_000), prose(1003)]) {
    const deflated = await peer.deflate(new TextEncoder().encode(text));
    const payload = new Uint8Array(deflated);
    await wire.write(encode({ opcode: 0x41, payload }, true));
    while (decode(bytes) === undefined) bytes = join([bytes, (await wire.read())!]);
    const isCompressed = (bytes[0]! & 0x40) !== 0;
    const { frame, length } = decode(bytes)!;
    bytes = bytes.slice(length);
    const message = isCompressed ? await peer.inflate(frame.payload) : frame.payload;
    assert.ok(new TextDecoder().decode(message) === text);
    assert.equal(isCompressed, text.length >= 100);
    lengths.push(frame.payload.length);
  }
  assert.ok(lengths[1]! < lengths[0]! - 20 && lengths[3]! < 20, String(lengths));
  peer.close();
  await wire.end();
  await server.close({ deadline: 0 });
});

test("Bun's own server has no small windows", {
  skip: runtime !== "bun" && "this is not Bun",
}, async () => {
  await assert.rejects(serve({ ...WHERE, compression: { windowBits: 11 } }, echo), {
    name: "NotSupportedError",
    message:
      'Cannot compress with windowBits 11 on Bun\'s own server: it must be 15, or engine "tcp"',
  });
});
