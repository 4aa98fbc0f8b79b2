// Realms beside that of the program: a context of node:vm, and the windows of jsdom and happy-dom, in
// which tests of pages run. Each has classes of its own, so `instanceof` tells nothing of its data.

import { Window } from "happy-dom";
import { JSDOM } from "jsdom";
import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { bundle } from "../../src/cli/serve/inspector/reconnect_bundle.ts";
import { echoed, type MakeRealm, type Realm, tryRealm, url } from "./realm.ts";

/** Makes each realm; what it returns ends it. */
const realms: Readonly<Record<string, MakeRealm>> = {
  "node:vm"() {
    const context = createContext({ AbortController });
    context["eval"] = (code: string) => runInContext(code, context);
    return [context as unknown as Realm, () => {}];
  },
  jsdom() {
    const { window } = new JSDOM("", { url, runScripts: "outside-only" });
    return [window as unknown as Realm, () => window.close()];
  },
  "happy-dom"() {
    const settings = {
      enableJavaScriptEvaluation: true,
      suppressInsecureJavaScriptEnvironmentWarning: true,
    };
    const window = new Window({ url, settings });
    return [window as unknown as Realm, () => window.happyDOM.close()];
  },
};

for (const [name, make] of Object.entries(realms)) tryRealm(name, make);

/** The script of the client, as pages get it. */
const script = bundle.replace(/export\{(\w+) as reconnect\};/, "globalThis.reconnect = $1;");

for (const name of ["jsdom", "happy-dom"]) {
  test(`${name}: the client itself runs there, over the WebSocket that it has`, async () => {
    const [realm, end] = realms[name]!();
    realm.address = url.replace("http", "ws");
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
    skip:
      "what these windows have for a Blob is none of the runtime's, and is sent as [object Blob]",
  }, async () => {
    const [realm, end] = realms[name]!();
    assert.equal(await echoed(realm, 'new Blob(["\\x01\\x02"])'), "1,2");
    await end();
  });
}
