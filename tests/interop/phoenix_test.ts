// phoenix: it takes our WebSocket as its transport. Its server is one of a dozen lines, by version 2
// of its serializer: [join reference, reference, topic, event, payload] in JSON.

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Push, Socket } from "phoenix";

type Frame = [joined: string | null, reference: string | null, string, string, unknown];

function answer(socket: ServerSocket, [joined, reference, topic, event, payload]: Frame): void {
  const say = (frame: Frame): void => socket.send(JSON.stringify(frame));
  const response = event === "shout" ? payload : {};
  if (event === "shout") say([joined, null, topic, "shout", payload]); // what others would hear
  say([joined, reference, topic, "phx_reply", { status: "ok", response }]);
}

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  assert.equal(new URL(request.url).searchParams.get("vsn"), "2.0.0");
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => answer(socket, JSON.parse(data));
  return response;
});
after(() => server.close({ deadline: 0 }));

/** Resolves with the answer to what is pushed. */
function answered(push: Push): Promise<unknown> {
  return new Promise((resolve) => push.receive("ok", resolve));
}

test("phoenix over our WebSocket joins a channel, pushes, and joins again after a kill", async () => {
  const socket = new Socket(`${server.url.replace("http", "ws")}socket`, {
    transport: WebSocket,
    reconnectAfterMs: () => 1,
    rejoinAfterMs: () => 1,
  });
  socket.connect();
  const channel = socket.channel("room:lobby");
  const heard: unknown[] = [];
  channel.on("shout", (payload: unknown) => heard.push(payload));
  let joins = 0;
  const again = new Promise<void>((resolve) => {
    channel.join().receive("ok", () => ++joins === 2 && resolve());
  });
  assert.deepEqual(await answered(channel.push("shout", { text: "one" })), { text: "one" });
  for (const one of server.sockets) one.terminate();
  await again;
  assert.deepEqual(await answered(channel.push("shout", { text: "two" })), { text: "two" });
  assert.deepEqual(heard, [{ text: "one" }, { text: "two" }]);
  await new Promise<void>((resolve) => socket.disconnect(resolve));
});
