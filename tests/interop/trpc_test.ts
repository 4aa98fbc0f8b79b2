// @trpc/client: its wsLink takes our WebSocket as an option; @trpc/server gets a socket of upgrade().

import { serve, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, tracked } from "@trpc/server";
import { getWSConnectionHandler, type WSSHandlerOptions } from "@trpc/server/adapters/ws";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { after, test } from "node:test";

const t = initTRPC.create({ allowOutsideOfServer: true }); // this runs in a page, too
const router = t.router({
  greet: t.procedure.input(String).query(({ input }) => `hello ${input}`),
  add: t.procedure.input((it) => it as [number, number]).mutation(({ input: [a, b] }) => a + b),
  // Each number has an id, so that a client that comes back goes on where it was.
  count: t.procedure
    .input((it) => it as { lastEventId?: string })
    .subscription(async function* ({ input, signal }) {
      for (let number = Number(input.lastEventId ?? 0) + 1; !signal!.aborted; number++) {
        yield tracked(`${number}`, number);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }),
});

const connected = getWSConnectionHandler({ router } as WSSHandlerOptions<typeof router>);
type Client = Parameters<typeof connected>[0];

/** Shows a socket as one of ws, as @trpc/server expects it. */
function asEmitter(socket: ServerSocket): EventEmitter {
  const emitter = new EventEmitter();
  socket.onmessage = ({ data }) => emitter.emit("message", Buffer.from(data), false);
  socket.onclose = ({ code, reason }) => emitter.emit("close", code, reason);
  return Object.defineProperties(emitter, {
    readyState: { get: () => socket.readyState },
    send: { value: (data: string) => socket.send(data) },
    close: { value: () => socket.close() },
    terminate: { value: () => socket.terminate() },
  });
}

let connections = 0;
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  connections++;
  const { host, pathname, search } = new URL(request.url);
  const asOfNode = { url: pathname + search, headers: { host } };
  socket.onopen = () => void connected(asEmitter(socket) as Client, asOfNode as IncomingMessage);
  return response;
});
after(() => server.close({ deadline: 0 }));

function connect(): ReturnType<typeof createWSClient> {
  return createWSClient({
    url: server.url,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 1,
  });
}

test("a tRPC client over our WebSocket asks and changes", async () => {
  const client = connect();
  const rpc = createTRPCClient<typeof router>({ links: [wsLink({ client })] });
  assert.equal(await rpc.greet.query("world"), "hello world");
  assert.equal(await rpc.add.mutate([2, 3]), 5);
  await client.close();
});

test("its subscription goes on after a kill, with nothing lost", async () => {
  const client = connect();
  const rpc = createTRPCClient<typeof router>({ links: [wsLink({ client })] });
  const before = connections;
  const heard: number[] = [];
  let stop = (): void => {};
  await new Promise<void>((resolve, reject) => {
    const subscription = rpc.count.subscribe({}, {
      onData({ data }) {
        heard.push(data);
        if (heard.length === 3) { for (const one of server.sockets) one.terminate(); }
        if (heard.length === 6) resolve();
      },
      onError: reject,
    });
    stop = () => subscription.unsubscribe();
  });
  assert.deepEqual(heard.slice(0, 6), [1, 2, 3, 4, 5, 6]);
  assert.equal(connections - before, 2);
  stop();
  await client.close();
});
