// Realms beside that of the program: a context of node:vm, and the windows of jsdom and happy-dom, in
// which tests of pages run. Each has classes of its own, so `instanceof` tells nothing of its data.

import { connect, serve, upgrade, WebSocket } from "@isosocket/isosocket";
import { Window } from "happy-dom";
import { JSDOM } from "jsdom";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { bundle } from "../../src/cli/serve/inspector/reconnect_bundle.ts";

const server = await serve({ port: 0, hostname: "127.0.0.1", origins: "*" }, (request) => {
  const { socket, response } = upgrade(request, { protocols: ["echo"] });
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
after(() => server.close({ deadline: 0 }));

/** Global variables of a realm, as far as they are used here. */
interface Realm {
  WebSocket: unknown;
  address: string;
  eval(code: string): unknown;
  AbortController: typeof AbortController;
}

/** Makes each realm; what it returns ends it. */
const realms: Readonly<Record<string, () => [realm: Realm, end: () => unknown]>> = {
  "node:vm"() {
    const context = createContext({ AbortController });
    context["eval"] = (code: string) => runInContext(code, context);
    return [context as unknown as Realm, () => {}];
  },
  jsdom() {
    const { window } = new JSDOM("", { url: server.url, runScripts: "outside-only" });
    return [window as unknown as Realm, () => window.close()];
  },
  "happy-dom"() {
    const settings = {
      enableJavaScriptEvaluation: true,
      suppressInsecureJavaScriptEnvironmentWarning: true,
    };
    const window = new Window({ url: server.url, settings });
    return [window as unknown as Realm, () => window.happyDOM.close()];
  },
};

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

for (const [name, make] of Object.entries(realms)) {
  test(`${name}: our WebSocket is its global one, and takes its data`, async () => {
    const [realm, end] = make();
    realm.WebSocket = WebSocket;
    realm.address = server.url;
    assert.notEqual(realm.eval("ArrayBuffer"), ArrayBuffer);
    for (const [data, expected] of Object.entries(DATA)) {
      assert.equal(await realm.eval(`(${ECHO})(${data})`), expected, data);
    }
    await end();
  });

  test(`${name}: options made there are taken, and its signals end a socket`, async () => {
    const [realm, end] = make();
    const controller = new realm.AbortController();
    const protocols = realm.eval('["echo"]') as string[];
    const socket = connect(server.url, { protocols, signal: controller.signal });
    await socket.opened;
    assert.equal(socket.protocol, "echo");
    controller.abort();
    await socket.closed;
    await end();
  });
}

/** The script of the client, as pages get it. */
const script = bundle.replace(/export\{(\w+) as reconnect\};/, "globalThis.reconnect = $1;");

for (const name of ["jsdom", "happy-dom"]) {
  test(`${name}: the client itself runs there, over the WebSocket that it has`, {
    skip: "a client that is loaded there dies, as there is neither MessageChannel nor setImmediate",
  }, async () => {
    const [realm, end] = realms[name]!();
    realm.address = server.url.replace("http", "ws");
    realm.eval(`(() => {${script}})()`);
    const data = await realm.eval(`new Promise((resolve, reject) => {
      const socket = reconnect(address, { protocols: ["echo"] });
      socket.onopen = () => socket.send("hello");
      socket.onmessage = ({ data }) => {
        resolve(data);
        socket.close();
      };
      socket.onerror = ({ error }) => reject(error);
    })`);
    assert.equal(data, "hello");
    await end();
  });

  test(`${name}: our WebSocket takes its Blobs`, {
    skip: "a Blob of another realm is sent as the text [object Blob]",
  }, async () => {
    const [realm, end] = realms[name]!();
    realm.WebSocket = WebSocket;
    realm.address = server.url;
    assert.equal(await realm.eval(`(${ECHO})(new Blob(["\\x01\\x02"]))`), "1,2");
    await end();
  });
}
