// reconnecting-websocket: it takes our WebSocket for the platform's.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import reconnectingWebSocket from "reconnecting-websocket";

/** It is made for CommonJS, so runtimes differ in what they import; this is the part used here. */
type Constructor = new (url: string, protocols: string[], options: object) => WebSocket;
const module = reconnectingWebSocket as unknown as Constructor & { readonly default?: Constructor };
const ReconnectingWebSocket: Constructor = module.default ?? module;

test("reconnecting-websocket over our WebSocket sends, hears, and comes back after a kill", async () => {
  let connections = 0;
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    const number = ++connections;
    socket.onmessage = ({ data }) => socket.send(`${data} to ${number}`);
    return response;
  });
  const socket = new ReconnectingWebSocket(server.url, [], {
    WebSocket,
    minReconnectionDelay: 1,
    maxReconnectionDelay: 10,
  });
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => {
      heard.push(data);
      if (heard.length === 1) { for (const one of server.sockets) one.terminate(); }
      if (heard.length === 2) resolve();
    };
  });
  assert.deepEqual(heard, ["hello to 1", "hello to 2"]);
  socket.close();
  await server.close();
});
