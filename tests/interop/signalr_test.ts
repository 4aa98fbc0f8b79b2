// @microsoft/signalr: it takes our WebSocket as an option. Its server is one of a dozen lines, by its
// JSON hub protocol: records that end in 0x1E.

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import {
  HttpTransportType,
  HubConnectionBuilder,
  type IHttpConnectionOptions,
  LogLevel,
} from "@microsoft/signalr";
import assert from "node:assert/strict";
import { after, test } from "node:test";

const [INVOCATION, ITEM, COMPLETION, STREAM, PING] = [1, 2, 3, 4, 6] as const;

interface Record {
  readonly protocol?: string;
  readonly type: number;
  readonly invocationId?: string;
  readonly target?: string;
  readonly arguments?: readonly unknown[];
}

function answer(socket: ServerSocket, record: Record): void {
  const { protocol, type, invocationId, target, arguments: given = [] } = record;
  const say = (it: object): void => socket.send(`${JSON.stringify(it)}\x1E`);
  if (protocol !== undefined) return say({}); // the handshake, which agrees
  if (type === PING) return say({ type: PING });
  if (type === INVOCATION) {
    say({ type: INVOCATION, target, arguments: given }); // what others would hear
    if (invocationId) say({ type: COMPLETION, invocationId, result: given[0] });
  }
  if (type !== STREAM) return;
  for (let item = 1; item <= (given[0] as number); item++) say({ type: ITEM, invocationId, item });
  say({ type: COMPLETION, invocationId });
}

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => {
    for (const text of data.split("\x1E").slice(0, -1)) answer(socket, JSON.parse(text));
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

test("SignalR over our WebSocket invokes, streams, and comes back after a kill", async () => {
  // Its types do not have the option. Negotiation would be a request by HTTP.
  const options: IHttpConnectionOptions & { WebSocket: unknown } = {
    WebSocket,
    transport: HttpTransportType.WebSockets,
    skipNegotiation: true,
  };
  const hub = new HubConnectionBuilder()
    .withUrl(server.url, options)
    .withAutomaticReconnect([1, 1, 1])
    .configureLogging(LogLevel.None)
    .build();
  const heard: unknown[] = [];
  hub.on("say", (text) => heard.push(text));
  await hub.start();
  assert.equal(await hub.invoke("say", "hello"), "hello");
  const items = await new Promise<number[]>((resolve, reject) => {
    const seen: number[] = [];
    hub.stream<number>("count", 3).subscribe({
      next: (item) => seen.push(item),
      complete: () => resolve(seen),
      error: reject,
    });
  });
  assert.deepEqual(items, [1, 2, 3]);
  const back = new Promise((resolve) => hub.onreconnected(resolve));
  for (const one of server.sockets) one.terminate();
  await back;
  assert.equal(await hub.invoke("say", "again"), "again");
  assert.deepEqual(heard, ["hello", "again"]);
  await hub.stop();
});
