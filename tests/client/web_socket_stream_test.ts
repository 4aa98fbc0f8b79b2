// WebSocketStream has the shape of the explainer, on every runtime.

import {
  serve,
  type Server,
  type ServerSocket,
  upgrade,
  WebSocketError,
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
  const lost = { name: "WebSocketError", closeCode: 1006, reason: "" };
  await assert.rejects(stream.opened, lost);
  await assert.rejects(stream.closed, lost);
  const error: WebSocketError = await stream.opened.catch((error) => error);
  assert.equal(error.constructor, WebSocketError);
  assert.notEqual(error.message, "");
  assert.ok(error.cause instanceof Error);
});

test("closed rejects where the connection is lost", async () => {
  const acceptedSocket = new Promise<ServerSocket>((resolve) => onAccept = resolve);
  const stream = new WebSocketStream(server.url);
  const { readable, writable } = await stream.opened;
  const reader = readable.getReader();
  const socket = await acceptedSocket;
  await socket.opened;
  socket.terminate();
  // Deno cannot cut a connection: it closes it with a handshake.
  const [closed, read] = await Promise.allSettled([stream.closed, reader.read()]);
  assert.equal(closed.status, read.status);
  if (closed.status === "rejected" && read.status === "rejected") {
    assert.equal(closed.reason.constructor, WebSocketError);
    assert.equal(read.reason, closed.reason);
    await assert.rejects(writable.getWriter().ready, (error) => error === closed.reason);
  }
});

test("a signal gives the attempt up, and is let go of later", async () => {
  const reason = new Error("not now");
  const never = new WebSocketStream(server.url, { signal: AbortSignal.abort(reason) });
  await assert.rejects(never.opened, reason);
  await assert.rejects(never.closed, reason);
  never.close(); // does nothing
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

test("the class and its members have the standard's shape", () => {
  const { prototype } = WebSocketStream;
  assert.deepEqual([WebSocketStream.name, WebSocketStream.length], ["WebSocketStream", 1]);
  assert.equal(Object.prototype.toString.call(prototype), "[object WebSocketStream]");
  assert.deepEqual(Object.keys(prototype), ["url", "opened", "closed", "close"]);
  for (const name of ["url", "opened", "closed"] as const) {
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, name)!;
    assert.deepEqual([get?.name, set], [`get ${name}`, undefined]);
    assert.throws(() => Reflect.get(prototype, name), TypeError);
  }
  assert.equal(prototype.close.length, 0);
  const stream = new WebSocketStream(server.url);
  assert.deepEqual(Reflect.ownKeys(stream), []);
  stream.close();
});

test("arguments are converted by WebIDL", async () => {
  const Loose = WebSocketStream as unknown as new (...args: unknown[]) => WebSocketStream;
  assert.throws(() => new Loose(), TypeError);
  for (
    const options of [true, "chat", 5, { protocols: "chat" }, { protocols: 5 }, { signal: null }]
  ) {
    assert.throws(() => new Loose(server.url, options), TypeError, JSON.stringify(options));
  }
  assert.throws(() => new Loose("no address", true), TypeError); // conversions before checks
  assert.throws(() => new Loose(server.url, { protocols: ["a b"] }), { name: "SyntaxError" });
  for (const options of [undefined, null, {}, { protocols: new Set(["chat"]) }]) {
    const stream = new Loose(server.url, options);
    await stream.opened;
    for (const info of [true, { closeCode: -1 }, { closeCode: 65536 }, { closeCode: NaN }]) {
      assert.throws(() => stream.close(info as object), TypeError, JSON.stringify(info));
    }
    assert.throws(() => stream.close({ closeCode: 1001 }), { name: "InvalidAccessError" });
    assert.throws(() => stream.close({ reason: "x".repeat(124) }), { name: "SyntaxError" });
    stream.close({ reason: "why" });
    assert.deepEqual(await stream.closed, { closeCode: 1000, reason: "why" });
  }
});

test("WebSocketError is a DOMException, with a code and a reason that can be sent", () => {
  const error = new WebSocketError();
  assert.ok(error instanceof DOMException);
  assert.equal(String(Object.prototype.toString.call(error)), "[object WebSocketError]");
  assert.deepEqual([error.name, error.code, error.message, error.closeCode, error.reason], [
    "WebSocketError",
    0,
    "",
    null,
    "",
  ]);
  const given = new WebSocketError("text", { closeCode: 3456, reason: "why" });
  assert.deepEqual([given.message, given.closeCode, given.reason], ["text", 3456, "why"]);
  assert.equal(new WebSocketError("", { reason: "why" }).closeCode, 1000);
  for (const closeCode of [999, 1001, 2999, 5000]) {
    assert.throws(() => new WebSocketError("", { closeCode }), { name: "InvalidAccessError" });
  }
  assert.throws(() => new WebSocketError("", { reason: "x".repeat(124) }), { name: "SyntaxError" });
  assert.throws(() => new WebSocketError("", true as unknown as object), TypeError);
});

test("abort() and cancel() close with the code and the reason of a WebSocketError", async () => {
  const error = new WebSocketError("text", { closeCode: 3456, reason: "why" });
  for (const [reason, closeCode, text] of [[error, 3456, "why"], [{ closeCode: 3333 }, 1005, ""]]) {
    for (const end of ["abort", "cancel"] as const) {
      const stream = new WebSocketStream(server.url);
      const { readable, writable } = await stream.opened;
      void (end === "abort" ? writable.abort(reason) : readable.cancel(reason)).catch(() => {});
      assert.deepEqual(await stream.closed, { closeCode, reason: text });
    }
  }
});

test("a server's close ends the readable stream, behind what had arrived, and fails the writable one", async () => {
  const acceptedSocket = new Promise<ServerSocket>((resolve) => onAccept = resolve);
  const stream = new WebSocketStream(server.url);
  const { readable, writable } = await stream.opened;
  const socket = await acceptedSocket;
  await socket.opened;
  socket.send("last");
  socket.close(4000, "enough");
  assert.deepEqual(await stream.closed, { closeCode: 4000, reason: "enough" });
  await assert.rejects(writable.getWriter().ready, { name: "InvalidStateError" });
  const reader = readable.getReader();
  assert.deepEqual(await reader.read(), { value: "last", done: false });
  assert.deepEqual(await reader.read(), { value: undefined, done: true });
});

test("a pipe from one of its streams to the other ends with a server's close", async () => {
  const acceptedSocket = new Promise<ServerSocket>((resolve) => onAccept = resolve);
  const stream = new WebSocketStream(server.url);
  const { readable, writable } = await stream.opened;
  const piped = readable.pipeTo(writable);
  const socket = await acceptedSocket;
  await socket.opened;
  socket.close(4000);
  await stream.closed;
  await piped;
});

test("what has not left when a server closes is lost: closed rejects, and so does the write", async () => {
  const acceptedSocket = new Promise<ServerSocket>((resolve) => onAccept = resolve);
  const stream = new WebSocketStream(server.url);
  const { writable } = await stream.opened;
  const socket = await acceptedSocket;
  await socket.opened;
  socket.close(4567, "no more");
  const write = writable.getWriter().write(new Uint8Array(32 * 1024 * 1024));
  const [closed, written] = await Promise.allSettled([stream.closed, write]);
  assert.equal(closed.status === "rejected" && closed.reason.constructor, WebSocketError);
  assert.equal(closed.status === "rejected" && closed.reason.closeCode, 4567);
  assert.equal(written.status === "rejected" && written.reason.name, "InvalidStateError");
});
