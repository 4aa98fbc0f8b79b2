// viem, by way of isows: it takes whatever globalThis.WebSocket is when it first connects. Its node is
// one of a dozen lines, by JSON-RPC 2.0.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createPublicClient, webSocket } from "viem";

let connections = 0;
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  const number = ++connections;
  socket.onmessage = ({ data }) => {
    const { id, method } = JSON.parse(data);
    const say = (it: object): void => socket.send(JSON.stringify({ jsonrpc: "2.0", ...it }));
    const result = { eth_subscribe: "0x1", eth_chainId: `0x${number}` }[method as string] ?? true;
    say({ id, result });
    if (method !== "eth_subscribe") return;
    const params = { subscription: result, result: { number: `0x${number}` } };
    say({ method: "eth_subscription", params });
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

const { WebSocket: platform } = globalThis;
globalThis.WebSocket = WebSocket as unknown as typeof platform;
after(() => globalThis.WebSocket = platform);

test("viem over our WebSocket asks, subscribes, and comes back after a kill", async () => {
  const transport = webSocket(server.url.replace("http", "ws"), {
    keepAlive: false,
    reconnect: { attempts: 5, delay: 1 },
  });
  const client = createPublicClient({ transport });
  assert.equal(await client.getChainId(), 1);
  const heard: bigint[] = [];
  await new Promise<void>((resolve) => {
    const stop = client.watchBlockNumber({
      onBlockNumber(number) {
        heard.push(number);
        if (heard.length === 1) { for (const one of server.sockets) one.terminate(); }
        if (heard.length < 2) return;
        stop();
        resolve();
      },
      onError() {}, // it tells of the kill
    });
  });
  assert.deepEqual(heard, [1n, 2n]);
  assert.equal(await client.getChainId(), 2);
  (await client.transport.getRpcClient()).close();
});
