// @stomp/stompjs: it takes a function that makes our WebSocket. Its server is one of a dozen lines, by
// STOMP 1.2: a command, headers, an empty line, a body, and a NUL.

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import { Client } from "@stomp/stompjs";
import assert from "node:assert/strict";
import { after, test } from "node:test";

/** Subscriptions: which id each socket has given to a destination. */
const subscriptions = new Map<ServerSocket, Map<string, string>>();

function answer(socket: ServerSocket, frame: string): void {
  const [head, body] = frame.split("\n\n") as [string, string];
  const [command, ...lines] = head.split("\n");
  const header = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1) ?? "";
  const ids = subscriptions.get(socket)!;
  if (command === "CONNECT") socket.send("CONNECTED\nversion:1.2\n\n\0");
  if (command === "SUBSCRIBE") ids.set(header("destination"), header("id"));
  if (header("receipt")) socket.send(`RECEIPT\nreceipt-id:${header("receipt")}\n\n\0`);
  if (command !== "SEND") return;
  const destination = header("destination");
  for (const [other, ids] of subscriptions) {
    const id = ids.get(destination);
    if (id === undefined) continue;
    const headers = `subscription:${id}\nmessage-id:1\ndestination:${destination}`;
    other.send(`MESSAGE\n${headers}\n\n${body}\0`);
  }
}

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request, { protocols: ["v12.stomp"] });
  subscriptions.set(socket, new Map());
  socket.onmessage = ({ data }) => {
    for (const frame of data.split("\0").slice(0, -1)) answer(socket, frame.trimStart());
  };
  socket.onclose = () => void subscriptions.delete(socket);
  return response;
});
after(() => server.close({ deadline: 0 }));

test("a STOMP client over our WebSocket subscribes, sends, and comes back after a kill", async () => {
  const client = new Client({
    webSocketFactory: () => new WebSocket(server.url, ["v12.stomp", "v11.stomp"]),
    reconnectDelay: 1,
  });
  const heard: string[] = [];
  let connections = 0;
  await new Promise<void>((resolve, reject) => {
    client.onStompError = ({ body }) => reject(new Error(body));
    client.onConnect = () => {
      connections++;
      client.subscribe("/queue/news", ({ body }) => {
        heard.push(body);
        if (heard.length === 1) { for (const one of server.sockets) one.terminate(); }
        else resolve();
      });
      client.publish({ destination: "/queue/news", body: `hello by ${connections}` });
    };
    client.activate();
  });
  assert.deepEqual(heard, ["hello by 1", "hello by 2"]);
  await client.deactivate();
});
