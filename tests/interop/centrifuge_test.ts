// centrifuge: it takes our WebSocket as an option. Its server is one of a dozen lines, by its JSON
// protocol: commands have an id and an answer, and pushes have none.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import { Centrifuge } from "centrifuge";
import assert from "node:assert/strict";
import { after, test } from "node:test";

interface Command {
  readonly id?: number;
  readonly connect?: object;
  readonly subscribe?: { readonly channel: string };
  readonly publish?: { readonly channel: string; readonly data: unknown };
  readonly rpc?: { readonly method: string; readonly data: unknown };
}

let connections = 0;
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  const client = `${++connections}`;

  function answer({ connect, subscribe, publish, rpc }: Command): object {
    if (connect) return { connect: { client, version: "scripted" } };
    if (rpc) return { rpc: { data: { [rpc.method]: rpc.data } } };
    if (subscribe) socket.subscribe(subscribe.channel);
    if (publish) {
      const { channel, data } = publish;
      server.publish(channel, JSON.stringify({ push: { channel, pub: { data } } }));
    }
    return subscribe ? { subscribe: {} } : { publish: {} };
  }

  socket.onmessage = ({ data }) => {
    for (const line of data.split("\n")) { // several commands may share a message
      const command: Command = JSON.parse(line);
      if (command.id) socket.send(JSON.stringify({ id: command.id, ...answer(command) }));
    }
  };
  return response;
});
after(() => server.close({ deadline: 0 }));

test("centrifuge over our WebSocket subscribes, publishes, calls, and comes back after a kill", async () => {
  const client = new Centrifuge(server.url.replace("http", "ws"), {
    websocket: WebSocket,
    minReconnectDelay: 1,
    maxReconnectDelay: 10,
  });
  const news = client.newSubscription("news", { minResubscribeDelay: 1 });
  const heard: unknown[] = [];
  const subscribed: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on("error", ({ error }) => reject(error));
    client.on("connected", (context) => subscribed.push(context.client));
    news.on("subscribed", () => void news.publish({ from: subscribed.at(-1) }).catch(() => {}));
    news.on("publication", ({ data }) => {
      heard.push(data);
      if (heard.length === 1) { for (const one of server.sockets) one.terminate(); }
      if (heard.length === 2) resolve();
    });
    news.subscribe();
    client.connect();
  });
  assert.deepEqual(heard, [{ from: "1" }, { from: "2" }]);
  assert.deepEqual((await client.rpc("echo", "hello")).data, { echo: "hello" });
  client.disconnect();
});
