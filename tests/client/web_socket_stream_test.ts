// WebSocketStream has the shape of the explainer, on every runtime.

import {
  serve,
  type Server,
  type ServerSocket,
  upgrade,
  WebSocketStream,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

let server: Server;
let onAccept: (socket: ServerSocket) => void = () => {};

before(async () => {
  server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    if (request.url.endsWith("/no")) return new Response("no", { status: 404 });
    const { socket, response } = upgrade(request, { protocols: ["chat"] });
    onAccept(socket);
    void socket.readable.pipeTo(socket.writable).catch(() => {});
    return response;
  });
});
after(() => server.close({ deadline: 0 }));

test("opened resolves with streams and the negotiated terms; they echo text and bytes", async () => {
  const stream = new WebSocketStream(server.url, { protocols: ["chat", "other"] });
  assert.ok(stream.url.startsWith("ws://127.0.0.1:"));
  const { readable, writable, protocol, extensions } = await stream.opened;
  assert.deepEqual([protocol, typeof extensions], ["chat", "string"]);
  const reader = readable.getReader();
  const writer = writable.getWriter();
  await writer.write("text");
  assert.deepEqual(await reader.read(), { value: "text", done: false });
  await writer.write(Uint8Array.of(1, 2, 3));
  const { value } = await reader.read();
  assert.ok(value instanceof ArrayBuffer);
  assert.deepEqual(new Uint8Array(value), Uint8Array.of(1, 2, 3));
  await writer.close();
  assert.deepEqual(await reader.read(), { value: undefined, done: true });
  assert.deepEqual(await stream.closed, { closeCode: 1005, reason: "" });
});

test("close() takes code and reason, and closed resolves with the peer's", async () => {
  const stream = new WebSocketStream(server.url);
  await stream.opened;
  stream.close({ closeCode: 4001, reason: "bye" });
  assert.deepEqual(await stream.closed, { closeCode: 4001, reason: "bye" });
  assert.throws(() => new WebSocketStream("nonsense"), { name: "SyntaxError" });
});

test("opened and closed reject where no connection comes about", async () => {
  const stream = new WebSocketStream(`${server.url}no`);
  await assert.rejects(stream.opened, Error);
  await assert.rejects(stream.closed, Error);
});

test("closed rejects where the connection is lost", async () => {
  const acceptedSocket = new Promise<ServerSocket>((resolve) => onAccept = resolve);
  const stream = new WebSocketStream(server.url);
  const { readable } = await stream.opened;
  const reader = readable.getReader();
  const socket = await acceptedSocket;
  await socket.opened;
  socket.terminate();
  // Deno cannot cut a connection: it closes it with a handshake.
  const ended = await Promise.allSettled([stream.closed, reader.read()]);
  const lost = ended.map(({ status }) => status);
  assert.ok(lost[0] === lost[1], `${lost}`);
});

test("a signal gives the attempt up, and is let go of later", async () => {
  const reason = new Error("not now");
  assert.throws(
    () => new WebSocketStream(server.url, { signal: AbortSignal.abort(reason) }),
    reason,
  );
  const early = new AbortController();
  const given = new WebSocketStream(server.url, { signal: early.signal });
  early.abort(reason);
  await assert.rejects(given.opened, reason);
  await assert.rejects(given.closed, reason);
  const late = new AbortController();
  const stream = new WebSocketStream(server.url, { signal: late.signal });
  const { writable, readable } = await stream.opened;
  late.abort(reason);
  await writable.getWriter().write("still here");
  assert.equal((await readable.getReader().read()).value, "still here");
  stream.close();
  await stream.closed;
});
