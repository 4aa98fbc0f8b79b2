// Compression with context takeover and small windows: by the engine tcp, at servers of a runtime that can, and
// errors at others.

import { connect, serve, upgrade } from "@isosocket/isosocket";
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

const TAKEOVERS = [false, true] as const;

for (const atServer of TAKEOVERS) {
  for (const atClient of TAKEOVERS) {
    const context = `context takeover ${atServer ? "" : "not "}at the server, ${
      atClient ? "" : "not "
    }at the client`;
    test(`engine tcp at both ends compresses all that is sent: ${context}`, async () => {
      const own = { threshold: 0, windowBits: 11 };
      const server = await serve({
        ...WHERE,
        engine: "tcp",
        compression: { ...own, contextTakeover: atServer },
      }, echo);
      const socket = connect(server.url, {
        engine: "tcp",
        compression: { ...own, contextTakeover: atClient },
      });
      socket.binaryType = "arraybuffer";
      await socket.opened;
      const isFresh = !(atServer && atClient);
      assert.equal(socket.extensions.includes("server_no_context_takeover"), isFresh);
      assert.match(socket.extensions, /; server_max_window_bits=11; client_max_window_bits=11$/);
      const received: unknown[] = [];
      socket.onmessage = ({ data }) => void received.push(data);
      // Short ones, that repeat what was before; empty ones; those that are inflated on another thread.
      const sent = Array.from(
        { length: 60 },
        (_, i) => i % 20 === 7 ? "" : prose(i % 20 === 11 ? 300_000 : 200) + i,
      );
      const noise = crypto.getRandomValues(new Uint8Array(60_000));
      for (const message of sent) socket.send(message);
      socket.send(noise);
      while (received.length <= sent.length) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(received.slice(0, -1), sent);
      assert.deepEqual(new Uint8Array(received.at(-1) as ArrayBuffer), noise);
      socket.close();
      await socket.closed;
      await server.close();
    });
  }
}
