// mqtt: it takes a function that makes our WebSocket, and aedes, a broker, a socket of upgrade().

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { after, test } from "node:test";

const broker = await Aedes.createBroker();

/** Shows a socket as a stream of Node, as the broker expects it. */
function asStream(socket: ServerSocket): Duplex {
  const stream = new Duplex({
    read() {},
    write(bytes, _encoding, done) {
      if (socket.readyState === 1) socket.send(bytes);
      done();
    },
    destroy(error, done) {
      socket.close();
      done(error);
    },
  });
  socket.onmessage = ({ data }) => stream.push(new Uint8Array(data));
  socket.onclose = () => stream.destroy();
  return stream;
}

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const options = { protocols: ["mqtt"], binaryType: "arraybuffer" } as const;
  const { socket, response } = upgrade(request, options);
  socket.onopen = () => void broker.handle(asStream(socket));
  return response;
});
after(async () => {
  await server.close({ deadline: 0 });
  await new Promise<void>((resolve) => broker.close(resolve));
});

test("mqtt over our WebSocket subscribes, publishes, and comes back after a kill", async () => {
  const client = await mqtt.connectAsync(server.url.replace("http", "ws"), {
    forceNativeWebSocket: true, // no streams of ws
    createWebsocket: (url, protocols) => new WebSocket(url, protocols),
    reconnectPeriod: 1,
  });
  const heard: string[] = [];
  await client.subscribeAsync("news/#", { qos: 1 });
  await new Promise<void>((resolve) => {
    client.on("message", (topic, payload) => {
      heard.push(`${topic}: ${payload}`);
      if (heard.length === 1) { for (const one of server.sockets) one.terminate(); }
      else resolve();
    });
    client.publish("news/one", "hello");
    client.once("connect", () => client.publish("news/two", "again"));
  });
  assert.deepEqual(heard, ["news/one: hello", "news/two: again"]);
  await client.endAsync();
});
