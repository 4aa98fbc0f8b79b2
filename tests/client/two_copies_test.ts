// Two copies of the package in one program, as npm installs them for two versions: each class can stand
// in the place of the platform's, one after the other.

import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
import { WebSocket as WebSocketOfClients } from "@isosocket/isosocket/client";
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { EventLog } from "../../src/testing/contract/event_log.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "isosocket-copy-"));
after(() => rmSync(folder, { recursive: true }));
for (const name of ["src", "mod.ts"]) {
  cpSync(join(root, name), join(folder, name), { recursive: true });
}
writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);

type Copy = { readonly WebSocket: typeof WebSocket; readonly upgrade: typeof upgrade };

const importCopy = (path: string): Promise<Copy> => import(pathToFileURL(join(folder, path)).href);

const globals = globalThis as { WebSocket?: unknown };
const own = Object.getOwnPropertyDescriptor(globals, "WebSocket");

/** Connects with a class, and returns the answer to one message. */
async function echo(Class: typeof WebSocket, url: string): Promise<string> {
  const socket = new Class(url);
  const log = new EventLog(socket);
  await log.next("open");
  socket.send("hello");
  const { data } = await log.next("message");
  socket.close();
  await log.next("close");
  return data;
}

for (const entry of ["mod.ts", "src/client/mod.ts"]) {
  test(`${entry}: each of two copies takes the other's class for no platform's`, async () => {
    const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
      const { socket, response } = upgrade(request);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    });
    const first = entry === "mod.ts" ? WebSocket : WebSocketOfClients;
    globals.WebSocket = first;
    try {
      const { WebSocket: second } = await importCopy(entry); // it finds the first, not the platform's
      assert.notEqual(first, second);
      class Extended extends second {}
      for (const inPlace of [first, second, Extended]) {
        globals.WebSocket = inPlace;
        for (const Class of [first, second, Extended]) {
          assert.equal(await echo(Class, server.url), "hello");
        }
      }
    } finally {
      if (own === undefined) delete globals.WebSocket;
      else Object.defineProperty(globals, "WebSocket", own);
      await server.close();
    }
  });
}

test("upgrade() of one copy takes a request of the other, as loaders may mix them", async () => {
  const { upgrade: other } = await importCopy("mod.ts");
  assert.notEqual(other, upgrade);
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = other(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  try {
    assert.equal(await echo(WebSocket, server.url), "hello");
  } finally {
    await server.close();
  }
});
