// The statistics of a server, and the diagnostics channels of its process.

import {
  connect,
  serve,
  type Server,
  type Stats,
  upgrade,
  UpgradeError,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { askUpgrade } from "./raw_client.ts";

const WHERE = { port: 0, hostname: "127.0.0.1" };

function listen(onError: (error: unknown) => void = () => {}): Promise<Server> {
  return serve({ ...WHERE, onError }, (request) => {
    if (request.url.endsWith("/no")) throw new UpgradeError("Not you", 403);
    const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
    socket.onmessage = ({ data }) => {
      if (data === "fail") throw new Error("a bug");
      socket.send(data);
    };
    return response;
  });
}

const NOTHING: Stats = {
  open: 0,
  opened: 0,
  refused: { handshake: 0, origin: 0, full: 0, closing: 0, handler: 0, timeout: 0 },
  received: { messages: 0, bytes: 0 },
  sent: { messages: 0, bytes: 0 },
  dropped: 0,
  closed: {},
};

test("stats() counts sockets, messages and ends", async () => {
  const server = await listen();
  assert.deepEqual(server.stats(), NOTHING);
  const socket = connect(server.url);
  const log = new EventLog(socket);
  await log.next("open");
  const before = server.stats();
  assert.deepEqual(before, { ...NOTHING, open: 1, opened: 1 });
  socket.send("four");
  socket.send(new Uint8Array(5));
  await log.next("message");
  await log.next("message");
  assert.deepEqual(server.stats().received, { messages: 2, bytes: 9 });
  assert.deepEqual(server.stats().sent, { messages: 2, bytes: 9 });
  assert.deepEqual(before, { ...NOTHING, open: 1, opened: 1 }, "what was returned does not change");
  socket.close(4001);
  await log.next("close");
  while (server.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const { open, opened, closed } = server.stats();
  assert.deepEqual([open, opened, closed], [0, 1, { 4001: 1 }]);
  await server.close();
});

test("stats() counts refusals by reason", async () => {
  const server = await listen();
  for (const [path, headers] of [["/no", {}], ["/", { "Sec-WebSocket-Key": "short" }]] as const) {
    const answer = await askUpgrade(server.port, path, headers);
    assert.ok(answer.status >= 400);
    await answer.body();
  }
  assert.deepEqual(server.stats().refused, { ...NOTHING.refused, handshake: 1, handler: 1 });
  assert.equal(server.stats().opened, 0);
  await server.close();
});

test("diagnostics channels publish open, close, refuse and error", async () => {
  const published: [name: string, message: Record<string, unknown>][] = [];
  const names = ["open", "close", "refuse", "error"].map((it) => `isosocket:${it}`);
  const listeners = names.map((name) => {
    const listener = (message: unknown): void => {
      published.push([name, message as Record<string, unknown>]);
    };
    channel(name).subscribe(listener);
    return () => channel(name).unsubscribe(listener);
  });
  const server = await listen();
  const refused = await askUpgrade(server.port, "/no");
  await refused.body();
  const socket = connect(server.url);
  const log = new EventLog(socket);
  await log.next("open");
  const [own] = server.sockets;
  socket.send("fail");
  assert.equal((await log.next("close")).code, 1011);
  await server.close();
  for (const stop of listeners) stop();
  assert.deepEqual(published.map(([name]) => name), [
    "isosocket:refuse",
    "isosocket:open",
    "isosocket:error",
    "isosocket:close",
  ]);
  assert.deepEqual(published[0]![1], {
    reason: "handler",
    status: 403,
    message: "Not you",
    origin: undefined,
    path: "/no",
    remoteAddress: "127.0.0.1",
  });
  assert.deepEqual(published[1]![1], { socket: own });
  assert.equal((published[2]![1].error as Error).message, "a bug");
  assert.equal(published[2]![1].socket, own);
  assert.deepEqual(published[3]![1], { socket: own, code: 1011 });
});
