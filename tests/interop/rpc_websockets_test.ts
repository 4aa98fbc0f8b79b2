// rpc-websockets: it takes a function that makes our WebSocket, whose send() has to call back as that
// of ws does. Its server is one of a dozen lines, by JSON-RPC 2.0.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CommonClient } from "rpc-websockets";

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => {
    const { id, method, params } = JSON.parse(data);
    const say = (it: object): void => socket.send(JSON.stringify({ jsonrpc: "2.0", ...it }));
    if (method === "sum") say({ id, result: params[0] + params[1] });
    else if (method === "rpc.on") {
      say({ id, result: { [params[0]]: "ok" } });
      say({ notification: params[0], params: ["hello"] });
    } else say({ id, error: { code: -32601, message: "Method not found" } });
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

/** Makes a socket whose `send()` calls back. */
function open(url: string) {
  const socket = new WebSocket(url);
  return {
    addEventListener: socket.addEventListener.bind(
      socket,
    ) as globalThis.WebSocket["addEventListener"],
    close: socket.close.bind(socket),
    send(data: string, _options: unknown, callback?: (error?: Error) => void) {
      socket.send(data);
      callback?.();
    },
  };
}

test("rpc-websockets over our WebSocket calls, subscribes, and comes back after a kill", async () => {
  const client = new CommonClient(open as never, server.url, { reconnect_interval: 1 });
  await new Promise((resolve) => client.once("open", resolve));
  assert.equal(await client.call("sum", [2, 3]), 5);
  await assert.rejects(client.call("unknown"), { message: "Method not found" });
  const heard = new Promise((resolve) => client.once("news", resolve));
  await client.subscribe("news");
  assert.equal(await heard, "hello");
  const back = new Promise((resolve) => client.once("open", resolve));
  for (const one of server.sockets) one.terminate();
  await back;
  assert.equal(await client.call("sum", [3, 4]), 7);
  client.close();
});
