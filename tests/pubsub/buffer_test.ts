// Bytes of a Buffer are captured by publish(), though Buffer's slice() copies nothing.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { scriptedServer } from "@isosocket/isosocket/testing";

test("publish() captures a Buffer while a Blob before it is read", async () => {
  const server = scriptedServer();
  const client = server.connect("ws://memory.invalid/", { binaryType: "arraybuffer" });
  const messages: Uint8Array[] = [];
  const both = new Promise<void>((resolve) => {
    client.onmessage = ({ data }) => messages.push(new Uint8Array(data)) === 2 && resolve();
  });
  const { socket } = await server.accept();
  socket.subscribe("news");
  const bytes = Buffer.from([1]);
  server.hub.publish("news", new Blob(["first"]));
  server.hub.publish("news", bytes);
  bytes[0] = 9;
  await both;
  assert.deepEqual(messages[1], new Uint8Array([1]));
  await server.hub.close({ deadline: 0 });
});
