// Topics over several of Bun's own servers, and several of ours on one of them.

import { connect, type Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BunFetch, upgrade, websocket, wrap } from "../../src/adapters/bun/mod.ts";

declare const Bun: {
  serve(options: object): { readonly port: number; stop(closeConnections: boolean): Promise<void> };
};

const skip = "Bun" in globalThis ? false : "this is not Bun";

function subscribing(): ReturnType<typeof wrap> {
  return wrap((request) => {
    const { socket, response } = upgrade(request);
    socket.subscribe("news");
    return response;
  });
}

function serve(fetch: BunFetch): ReturnType<typeof Bun.serve> {
  return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, websocket });
}

async function opened(port: number, path = ""): Promise<{ socket: Socket; heard: unknown[] }> {
  const socket = connect(`ws://127.0.0.1:${port}/${path}`);
  const heard: unknown[] = [];
  socket.onmessage = ({ data }) => heard.push(data);
  await new Promise((resolve) => socket.onopen = resolve);
  return { socket, heard };
}

function message(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.addEventListener("message", () => resolve()));
}

test("two handlers on one of Bun's servers have their own topics", { skip }, async () => {
  const [one, two] = [subscribing(), subscribing()];
  const server = serve((request, server) => {
    return (request.url.endsWith("/one") ? one : two)(request, server);
  });
  const [a, b] = [await opened(server.port, "one"), await opened(server.port, "two")];
  assert.deepEqual([one.subscribers("news"), two.subscribers("news")], [1, 1]);
  const both = [message(a.socket), message(b.socket)];
  assert.equal(one.publish("news", "from one"), 1);
  assert.equal(two.publish("news", "from two"), 1);
  await Promise.all(both);
  assert.deepEqual([a.heard, b.heard], [["from one"], ["from two"]]);
  await Promise.all([one.close(), two.close()]);
  await server.stop(true);
});

test("one handler on two of Bun's servers reaches the sockets of both", { skip }, async () => {
  const hub = subscribing();
  const servers = [serve(hub), serve(hub)];
  const all = [await opened(servers[0]!.port), await opened(servers[1]!.port)];
  const both = all.map(({ socket }) => message(socket));
  assert.equal(hub.publish("news", "to all"), 2);
  await Promise.all(both);
  assert.deepEqual(all.map(({ heard }) => heard), [["to all"], ["to all"]]);
  const [first, second] = [...hub.sockets];
  const last = message(all[1]!.socket);
  assert.equal(hub.publish("news", "to the second", { except: first! }), 1);
  await last;
  const other = message(all[0]!.socket);
  assert.equal(hub.publish("news", "to the first", { except: second! }), 1);
  await other;
  assert.deepEqual(all.map(({ heard }) => heard.at(-1)), ["to the first", "to the second"]);
  await servers[0]!.stop(true); // its sockets are lost; those of the other are not
  assert.equal(hub.publish("news", "to who is left"), 1);
  await message(all[1]!.socket);
  await hub.close();
  await servers[1]!.stop(true);
});
