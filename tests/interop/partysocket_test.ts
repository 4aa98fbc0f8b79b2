// partysocket: it takes our WebSocket as an option, and clones our events for its own listeners.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import ReconnectingWebSocket from "partysocket/ws";

let connections = 0;
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  const number = ++connections;
  socket.onmessage = ({ data }) => socket.send(`${data} to ${number}`);
  return response;
});
after(() => server.close({ deadline: 0 }));

test("partysocket over our WebSocket sends, hears, and comes back after a kill", async () => {
  const socket = new ReconnectingWebSocket(server.url, [], {
    WebSocket,
    minReconnectionDelay: 1,
    maxReconnectionDelay: 10,
  });
  socket.send("early"); // waits for the connection
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => socket.send("hello"));
    socket.addEventListener("message", ({ data }) => {
      heard.push(data);
      if (heard.length === 2) { for (const one of server.sockets) one.terminate(); }
      if (heard.length === 3) resolve();
    });
  });
  assert.deepEqual(heard, ["early to 1", "hello to 1", "hello to 2"]);
  socket.close();
});
