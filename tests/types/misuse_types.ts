// Misuse does not compile wherever the platform's types are missing, either: without the library `dom`,
// and without the types of a runtime. So this file names none of them.

import {
  connect,
  type Handler,
  reconnect,
  type ReconnectingSocket,
  serve,
  type Server,
  type ServerSocket,
  type Socket,
  type SocketEventMap,
  upgrade,
} from "@isosocket/isosocket";
import { connect as connectByPlatform, WebSocketError } from "@isosocket/isosocket/client";
import { connect as connectInPage, type ConnectOptions } from "@isosocket/isosocket/page";
import { attach, type NodeServer } from "@isosocket/isosocket/node";
import { wrap as wrapForDeno } from "@isosocket/isosocket/deno";
import { wrap as wrapForBun } from "@isosocket/isosocket/bun";
import { pair } from "@isosocket/isosocket/testing";

declare const socket: Socket;
declare const server: Server;

/** What has a type of its own. In tuples: of a type that is missing, all conditions are `any`, too. */
type Known<T> = [0] extends [1 & T] ? never : true;
type Request = Parameters<Handler>[0];
export const known: [
  Known<Request>,
  Known<Request["headers"]>,
  Known<Awaited<ReturnType<Handler>>>,
  Known<ReturnType<typeof upgrade>["response"]>,
  Known<SocketEventMap["open"]>,
  Known<SocketEventMap["message"]>,
  Known<SocketEventMap["close"]>,
  Known<SocketEventMap["error"]>,
  Known<Socket["readable"]>,
  Known<Socket["writable"]>,
  Known<Socket["binaryType"]>,
  Known<ConnectOptions["headers"]>,
  Known<ConnectOptions["signal"]>,
  Known<WebSocketError>,
  Known<ServerSocket>,
  Known<ReconnectingSocket["closed"]>,
] = [
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
];

// Right uses.
connect("ws://127.0.0.1/", { headers: { authorization: "Bearer abc" }, binaryType: "blob" });
connect("ws://127.0.0.1/", { headers: [["authorization", "Bearer abc"]] });
serve({ port: 0 }, (request) => {
  request.method satisfies string;
  request.headers.get("origin") satisfies string | null;
  const { socket, response } = upgrade(request, { protocols: ["a"] });
  socket.onclose = ({ code, reason }) => `${code satisfies number}${reason satisfies string}`;
  socket.addEventListener("message", (event) => socket.send(event.data));
  return response;
});
export async function read(): Promise<void> {
  await using client = connect("ws://127.0.0.1/");
  for await (const message of client) client.send(message);
  const { code } = await client.closed;
  code satisfies number;
  const reader = pair().client.readable.getReader();
  const { value } = await reader.read();
  if (value !== undefined) client.send(value);
}
export async function stop(): Promise<void> {
  await using _server = server;
}

// @ts-expect-error -- no headers
connect("ws://127.0.0.1/", { headers: 5 });
// @ts-expect-error -- a value is a string
connect("ws://127.0.0.1/", { headers: { authorization: 5 } });
// @ts-expect-error -- a signal has more
connect("ws://127.0.0.1/", { signal: { aborted: false } });
// @ts-expect-error -- one of two strings
connect("ws://127.0.0.1/", { binaryType: "nodebuffer" });
// @ts-expect-error -- an address
connect(5);
// @ts-expect-error -- a class
connect("ws://127.0.0.1/", { WebSocket: 5 });
// @ts-expect-error -- misspelt
connectByPlatform("ws://127.0.0.1/", { header: {} });
// @ts-expect-error -- no headers
connectInPage("ws://127.0.0.1/", { headers: 5 });
// @ts-expect-error -- no headers
reconnect("ws://127.0.0.1/", { headers: 5 });
// @ts-expect-error -- nor from a function
reconnect("ws://127.0.0.1/", { headers: () => 5 });
// @ts-expect-error -- numbers would become strings
socket.send(5);
// @ts-expect-error -- no listener
socket.onmessage = 5;
// @ts-expect-error -- a number
socket.onclose = ({ code }) => code.length;
// @ts-expect-error -- a close event has no data
socket.addEventListener("close", (event) => event.data);
// @ts-expect-error -- misspelt
socket.addEventListener("open", (event) => event.typ);
// @ts-expect-error -- a listener is a function or an object
socket.addEventListener("open", 5);
// @ts-expect-error -- no event
socket.dispatchEvent(5);
// @ts-expect-error -- a request is required
upgrade(5);
// @ts-expect-error -- a handler returns a response
serve({}, () => 5);
// @ts-expect-error -- misspelt
serve({}, (request) => upgrade(request.ur).response);
// @ts-expect-error -- headers of an answer
serve({}, (request) => upgrade(request, { headers: 5 }).response);
// @ts-expect-error -- a handler returns a response
wrapForDeno(() => 5);
// @ts-expect-error -- a handler returns a response
wrapForBun(() => 5);
declare const http: NodeServer;
// @ts-expect-error -- a handler returns a response
attach(http, () => 5);
// @ts-expect-error -- an error has no such member
new WebSocketError("too large").closecode;
// @ts-expect-error -- a code is a number
new WebSocketError("too large", { closeCode: "4001" });
