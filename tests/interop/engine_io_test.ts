// engine.io-client, the transport of socket.io-client: it takes whatever globalThis.WebSocket is when
// it is loaded. Its server is one of a dozen lines, by version 4 of its protocol: a digit, then data.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";

const [OPEN, PING, PONG, MESSAGE] = ["0", "2", "3", "4"] as const;

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  const times = { pingInterval: 25_000, pingTimeout: 20_000 };
  const handshake = { sid: "1", upgrades: [], maxPayload: 1_000_000, ...times };
  socket.onopen = () => socket.send(OPEN + JSON.stringify(handshake));
  let waiting = "";
  socket.onmessage = ({ data }) => {
    if (data === PONG) return socket.send(waiting);
    assert.ok(data.startsWith(MESSAGE));
    waiting = data; // until the client has shown that it is alive
    socket.send(PING);
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

const { WebSocket: platform } = globalThis;
globalThis.WebSocket = WebSocket as unknown as typeof platform;
after(() => globalThis.WebSocket = platform);
const { Socket, WebSocket: byWebSocket } = await import("engine.io-client");

/** Opens a connection, and sends through it. */
async function echo(text: string): Promise<[InstanceType<typeof Socket>, unknown]> {
  const socket = new Socket(server.url, { transports: [byWebSocket] });
  socket.send(text);
  return [socket, await new Promise((resolve) => socket.once("message", resolve))];
}

test("engine.io-client over our WebSocket sends, hears, and tells of a kill", async () => {
  const [socket, heard] = await echo("hello");
  assert.equal(heard, "hello");
  assert.ok((socket.transport as unknown as { ws: unknown }).ws instanceof WebSocket);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const one of server.sockets) one.terminate();
  assert.match(`${await closed}`, /^transport (close|error)$/);
  const [another, again] = await echo("again");
  assert.equal(again, "again");
  another.close();
});
