// Two copies of this package in one program, as when two of its dependencies bring different versions:
// each makes its connections, whichever of them a program has put into globalThis.WebSocket.

import * as one from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

type Copy = typeof one;

const root = new URL("../../", import.meta.url);
const build = fileURLToPath(new URL(".build/", root)); // what is made there may be deleted at any time
const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** Copies the package, and loads the copy. */
async function copy(): Promise<Copy> {
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(`${build}copy-`);
  folders.push(folder);
  for (const path of ["mod.ts", "src"]) {
    await cp(new URL(path, root), `${folder}/${path}`, { recursive: true });
  }
  return await import(`${folder}/mod.ts`);
}

const { WebSocket: platform } = globalThis;
after(() => globalThis.WebSocket = platform);

function makeGlobal(Class: unknown): void {
  globalThis.WebSocket = Class as typeof platform;
}

const server = await one.serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = one.upgrade(request);
  socket.onmessage = ({ data }) => socket.send(`${data} back`);
  return response;
});
after(() => server.close({ deadline: 0 }));

/** Sends through each kind of client of a copy. */
async function connects({ WebSocket, connect, reconnect }: Copy): Promise<void> {
  const makers: readonly (() => WebSocket)[] = [
    () => new WebSocket(server.url),
    () => connect(server.url),
    () => reconnect(server.url),
  ] as never;
  for (const make of makers) {
    const socket = make();
    const data = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("there and");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = reject;
    });
    assert.equal(data, "there and back");
    socket.close();
  }
}

const other = await copy();
for (const [name, { WebSocket }] of Object.entries({ one, other })) {
  test(`two copies connect while the ${name}'s WebSocket is the global one`, async () => {
    assert.notEqual(one.WebSocket, other.WebSocket);
    makeGlobal(WebSocket);
    await connects(one);
    await connects(other);
  });
}

test("a copy that is loaded over another takes its place, and both connect", async () => {
  makeGlobal(one.WebSocket);
  const late = await copy();
  makeGlobal(late.WebSocket);
  await connects(late);
  await connects(one);
});

test("the class of one copy is an option of the other", async () => {
  makeGlobal(platform);
  const { WebSocket } = one;
  await connects({
    ...other,
    connect: (url) => other.connect(url, { WebSocket: WebSocket as never }),
  });
});
