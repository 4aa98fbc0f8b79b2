/** Realms beside that of the program, and what is tried in each. @module */

import { connect, serve, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";

const server = await serve({ port: 0, hostname: "127.0.0.1", origins: "*" }, (request) => {
  const { socket, response } = upgrade(request, {
    protocols: ["echo"],
    binaryType: "arraybuffer",
  });
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
after(() => server.close({ deadline: 0 }));

/** Address of a server that echoes, with the subprotocol `echo`. */
export const { url } = server;

/** Global variables of a realm, as far as they are used here. */
export interface Realm {
  WebSocket: unknown;
  address: string;
  eval(code: string): unknown;
  AbortController: typeof AbortController;
}

/** Makes a realm, and what ends it. */
export type MakeRealm = () => [realm: Realm, end: () => unknown];

/** Sends data of a realm from there, and returns what comes back. */
const ECHO = `async (data) => {
  const socket = new WebSocket(address, ["echo"]);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const echo = new Promise((resolve) => socket.onmessage = resolve);
  socket.send(data);
  const { data: back } = await echo;
  socket.close();
  return typeof back === "string" ? back : String(new Uint8Array(back));
}`;

/** Data that is made in a realm, and what comes back. */
const DATA: Readonly<Record<string, string>> = {
  '"text"': "text",
  "new Uint8Array([1, 2, 3]).buffer": "1,2,3",
  "new Uint8Array([1, 2, 3]).subarray(1)": "2,3",
  "new DataView(new Uint8Array([1, 2, 3]).buffer, 0, 2)": "1,2",
};

/** Sends data that is made in a realm by our WebSocket there; resolves with what comes back, as text. */
export async function echoed(realm: Realm, data: string): Promise<unknown> {
  realm.WebSocket = WebSocket;
  realm.address = url;
  return await realm.eval(`(${ECHO})(${data})`);
}

/** Declares what every realm can do. */
export function tryRealm(name: string, make: MakeRealm): void {
  test(`${name}: our WebSocket is its global one, and takes its data`, async () => {
    const [realm, end] = make();
    assert.ok(realm.eval("ArrayBuffer") !== ArrayBuffer);
    for (const [data, expected] of Object.entries(DATA)) {
      assert.equal(await echoed(realm, data), expected, data);
    }
    await end();
  });

  test(`${name}: options made there are taken, and its signals end a socket`, async () => {
    const [realm, end] = make();
    const controller = new realm.AbortController();
    const protocols = realm.eval('["echo"]') as string[];
    const socket = connect(url, { protocols, signal: controller.signal });
    await socket.opened;
    assert.equal(socket.protocol, "echo");
    controller.abort();
    await socket.closed;
    await end();
  });
}
