// Compression with wrap() and attach(): they have it, or throw an error that says why not.

import { type ServerSocket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { runtime } from "../runtime.ts";
import { deflated, DeflatingPeer, prose } from "./deflating_peer.ts";

declare const Bun: {
  serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> };
};

const OPTIONS = { compression: { threshold: 500 }, maxPayload: 10_000, onError() {} };

function echo(request: Request): Response {
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

/** Tries what a server does that has these options. */
async function tryIt(port: number, sockets: ReadonlySet<ServerSocket>): Promise<void> {
  const peer = await DeflatingPeer.connect(port);
  await peer.send(deflated(prose(499)), deflated(prose(500)));
  const [short, long] = [await peer.next(), await peer.next()];
  assert.deepEqual(short, { kind: "text", compressed: false, data: prose(499) });
  assert.deepEqual(long, { kind: "text", compressed: true, data: prose(500) });
  await peer.send(deflated(prose(10_001)));
  assert.deepEqual((await peer.rest()).at(-1), { kind: "close", code: 1009 });
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("wrap() of Bun compresses, with the handlers that it brings", {
  skip: runtime !== "bun" && "this is not Bun",
}, async () => {
  const { wrap } = await import("@isosocket/isosocket/bun");
  const fetch = wrap(echo, OPTIONS);
  const where = { port: 0, hostname: "127.0.0.1" };
  const server = Bun.serve({ ...where, fetch, websocket: fetch.websocket });
  await tryIt(server.port, fetch.sockets);
  await server.stop(true);
});

test("wrap() of Deno says that it cannot compress", {
  skip: runtime !== "deno" && "this is not Deno",
}, async () => {
  const { wrap } = await import("@isosocket/isosocket/deno");
  assert.throws(() => wrap(echo, OPTIONS), { name: "NotSupportedError" });
});

test("attach() compresses on every node:http", async () => {
  const { attach } = await import("@isosocket/isosocket/node");
  const http = createServer();
  const { sockets } = attach(http, echo, OPTIONS);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  await tryIt((http.address() as AddressInfo).port, sockets);
  await new Promise((resolve) => http.close(resolve));
});
