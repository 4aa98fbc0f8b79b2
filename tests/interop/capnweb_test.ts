// capnweb: both ends take a socket of ours. It does not connect again by itself: it tells that the
// session is broken, and a program begins another.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import { newWebSocketRpcSession, RpcTarget } from "capnweb";
import assert from "node:assert/strict";
import { after, test } from "node:test";

class Api extends RpcTarget {
  greet(name: string): string {
    return `hello ${name}`;
  }
  async count(to: number, tell: (number: number) => void): Promise<string> {
    for (let number = 1; number <= to; number++) await tell(number);
    return "done";
  }
}

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  newWebSocketRpcSession(socket as unknown as globalThis.WebSocket, new Api());
  return response;
});
after(() => server.close({ deadline: 0 }));

function connect(): ReturnType<typeof newWebSocketRpcSession<Api>> {
  return newWebSocketRpcSession<Api>(
    new WebSocket(server.url) as unknown as globalThis.WebSocket,
  );
}

test("Cap'n Web over our WebSocket calls, is called back, and tells of a kill", async () => {
  const api = connect();
  assert.equal(await api.greet("world"), "hello world");
  const heard: number[] = [];
  assert.equal(await api.count(3, (number) => void heard.push(number)), "done");
  assert.deepEqual(heard, [1, 2, 3]);
  const broken = new Promise<Error>((resolve) => api.onRpcBroken(resolve));
  for (const one of server.sockets) one.terminate();
  assert.match(`${await broken}`, /WebSocket/);
  const another = connect();
  assert.equal(await another.greet("again"), "hello again");
  another[Symbol.dispose]();
});
