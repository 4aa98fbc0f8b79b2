// y-websocket: its provider takes our WebSocket, and a server of two dozen lines relays with topics.

import { serve, type Server, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as sync from "y-protocols/sync";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const SYNC = 0;
let server: Server;
let connections = 0;

before(async () => {
  const shared = new Y.Doc();
  server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
    connections++;
    socket.subscribe("room");
    socket.onopen = () => { // asks for what the client has and the server does not
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      sync.writeSyncStep1(encoder, shared);
      socket.send(encoding.toUint8Array(encoder));
    };
    socket.onmessage = ({ data }) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      server.publish("room", data, { except: socket }); // updates, and who is there
      if (decoding.readVarUint(decoder) !== SYNC) return;
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      sync.readSyncMessage(decoder, encoder, shared, socket);
      if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
    };
    return response;
  });
});
after(() => server.close({ deadline: 0 }));

function join(doc: Y.Doc): WebsocketProvider {
  return new WebsocketProvider(server.url.replace(/^http/, "ws").replace(/\/$/, ""), "room", doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true, // through the server, not past it
    maxBackoffTime: 10,
  });
}

/** Waits until a document says something. */
function until(doc: Y.Doc, text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (doc.getText("t").toString() !== text) return;
      doc.off("update", look);
      resolve();
    };
    doc.on("update", look);
    look();
  });
}

test("documents become the same through y-websocket, ours at both ends, after a kill too", async () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()];
  const providers = [join(one), join(other)];
  one.getText("t").insert(0, "hello");
  await until(other, "hello");
  other.getText("t").insert(5, " world");
  await until(one, "hello world");
  const late = new Y.Doc();
  providers.push(join(late));
  await until(late, "hello world");
  assert.equal(connections, 3);
  for (const one of server.sockets) one.terminate();
  late.getText("t").insert(11, "!"); // while there is no connection
  await until(one, "hello world!");
  await until(other, "hello world!");
  assert.equal(late.getText("t").toString(), "hello world!");
  assert.equal(connections, 6);
  for (const provider of providers) {
    provider.destroy();
    provider.doc.destroy(); // its timer would keep the process alive
  }
});
