// @nats-io/nats-core: its wsconnect() takes a function that makes our WebSocket. Its server is one of
// a dozen lines, by the NATS protocol: lines of text, and payloads of a length that they tell.

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import { wsconnect } from "@nats-io/nats-core";
import assert from "node:assert/strict";
import { after, test } from "node:test";

/** Subscriptions: socket, its own number for it, and the subject. */
const subscriptions = new Set<readonly [ServerSocket, sid: string, subject: string]>();

/** Sends text as bytes, which is what a NATS server sends. */
function say(socket: ServerSocket, text: string): void {
  socket.send(new TextEncoder().encode(text));
}

/** Takes the next operation from what a client has sent; returns the rest. */
function take(socket: ServerSocket, text: string): string {
  const end = text.indexOf("\r\n");
  const [operation, ...words] = text.slice(0, end).split(" ");
  const rest = text.slice(end + 2);
  if (operation === "PING") say(socket, "PONG\r\n");
  if (operation === "SUB") subscriptions.add([socket, words.at(-1)!, words[0]!]);
  if (operation !== "PUB") return rest;
  const length = Number(words.at(-1));
  const [subject, reply] = words.slice(0, -1) as [string, string?];
  for (const [other, sid, wanted] of subscriptions) {
    if (wanted !== subject && !(wanted.endsWith("*") && subject.startsWith(wanted.slice(0, -1)))) {
      continue;
    }
    const head = ["MSG", subject, sid, ...reply ? [reply] : [], length].join(" ");
    say(other, `${head}\r\n${rest.slice(0, length)}\r\n`);
  }
  return rest.slice(length + 2);
}

let connections = 0;
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const info = { server_id: "scripted", version: "2.9.0", proto: 1, max_payload: 1_000_000 };
  const client_id = ++connections;
  socket.onopen = () => say(socket, `INFO ${JSON.stringify({ ...info, client_id })}\r\n`);
  let text = "";
  socket.onmessage = ({ data }) => {
    text += new TextDecoder().decode(data);
    while (text.includes("\r\n")) text = take(socket, text);
  };
  socket.onclose = () => {
    for (const one of subscriptions) if (one[0] === socket) subscriptions.delete(one);
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

test("NATS over our WebSocket subscribes, asks, and comes back after a kill", async () => {
  const nats = await wsconnect({
    servers: server.url.replace("http", "ws"),
    wsFactory: (url) => Promise.resolve({ socket: new WebSocket(url), encrypted: false }),
    reconnectTimeWait: 1,
  });
  nats.subscribe("greet", {
    callback: (_, message) => void message.respond(`hello ${message.string()}`),
  });
  assert.equal((await nats.request("greet", "world")).string(), "hello world");
  const back = (async () => {
    for await (const { type } of nats.status()) if (type === "reconnect") return;
  })();
  for (const one of server.sockets) one.terminate();
  await back;
  assert.equal((await nats.request("greet", "again")).string(), "hello again");
  assert.equal(connections, 2);
  await nats.close();
});
