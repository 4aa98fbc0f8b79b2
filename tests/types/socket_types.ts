// A Socket is a WebSocket to TypeScript too, and misuse does not compile.

import {
  connect,
  type ConnectFailure,
  type Handler,
  reconnect,
  serve,
  type Server,
  type Socket,
  upgrade,
} from "@isosocket/isosocket";
import { FakeClock, pair, scriptedServer } from "@isosocket/isosocket/testing";
import { connect as connectByPlatform } from "@isosocket/isosocket/client";
import type { SocketEventMap } from "@isosocket/isosocket";

declare const socket: Socket;

// Its events are the platform's.
declare const events: [SocketEventMap["message"], SocketEventMap["close"], SocketEventMap["error"]];
events satisfies [MessageEvent, CloseEvent, Event];

// A Socket can be used as a WebSocket.
export const platform: WebSocket = socket;
export const target: EventTarget = socket;
export function takes(_: WebSocket): void {}
takes(socket);
takes(pair().client);
takes(connect("ws://127.0.0.1/"));

// The option WebSocket accepts a class: the platform's, or a test's.
connect("ws://127.0.0.1/", { WebSocket: globalThis.WebSocket });
const { WebSocket: Scripted } = scriptedServer();
reconnect("ws://127.0.0.1/", { WebSocket: Scripted, clock: new FakeClock() });
export const constructor: typeof globalThis.WebSocket = Scripted;
// @ts-expect-error -- a class is required
connect("ws://127.0.0.1/", { WebSocket: socket });

// Listeners are typed by the event, in both ways of adding them; they may be asynchronous.
socket.onmessage = (event) => void (event.data satisfies unknown);
socket.onmessage = (event: MessageEvent<string>) => event.data.length;
socket.onclose = ({ code, reason, wasClean }) => `${code satisfies number}${reason}${wasClean}`;
socket.onerror = ({ error, message }) => [error, message];
socket.onopen = async () => await Promise.resolve();
socket.addEventListener("close", ({ code }) => code.toFixed(), { once: true });
socket.addEventListener("custom", (event) => event.type);
socket.onmessage = null;

// Types that can be sent.
socket.send("text");
socket.send(new Uint8Array(1));
socket.send(new ArrayBuffer(1));
socket.send(new Blob([]));
socket.readyState satisfies 0 | 1 | 2 | 3;

// @ts-expect-error -- numbers would become strings
socket.send(42);
// @ts-expect-error -- nothing to send
socket.send();
// @ts-expect-error -- a code is a number
socket.close("1000");
// @ts-expect-error -- read-only
socket.readyState = 1;
// @ts-expect-error -- read-only
socket.CONNECTING = 1;
// @ts-expect-error -- one of two strings
socket.binaryType = "nodebuffer";
// @ts-expect-error -- a listener is a function
socket.onopen = "open";
// @ts-expect-error -- a close event has no data
socket.addEventListener("close", (event) => event.data);

// Servers.
export const handler: Handler = (request, { remoteAddress }) => {
  remoteAddress satisfies string | undefined;
  const { socket, response } = upgrade(request, { protocols: ["a"], binaryType: "arraybuffer" });
  socket.onmessage = (event) => socket.send(event.data);
  return response;
};
export const server: Promise<Server> = serve({ port: 0 }, handler);

// @ts-expect-error -- a handler is required
serve({ port: 0 });
// @ts-expect-error -- a port is a number
serve({ port: "8080" }, handler);
// @ts-expect-error -- a handler returns a response
serve({}, () => {});
// @ts-expect-error -- misspelt
upgrade(new Request("http://127.0.0.1/"), { protocol: ["a"] });
// @ts-expect-error -- misspelt
connect("ws://127.0.0.1/", { protocol: "a" });

// Clients: options of the main entry point.
const controller = new AbortController();
connect("wss://127.0.0.1/", {
  headers: [["authorization", "Bearer abc"]],
  signal: controller.signal,
  engine: "tcp",
  tls: { ca: ["-----BEGIN CERTIFICATE-----"], rejectUnauthorized: true },
});
reconnect("wss://127.0.0.1/", { headers: () => Promise.resolve({ cookie: "a=1" }), tls: {} });
socket.onerror = ({ error }) => {
  const failure = (error as Error).cause as ConnectFailure | undefined;
  failure?.status satisfies number | undefined;
  failure?.code satisfies string | undefined;
};

// @ts-expect-error -- pages have no such option
connectByPlatform("wss://127.0.0.1/", { tls: {} });
// @ts-expect-error -- nor this one
connectByPlatform("wss://127.0.0.1/", { engine: "tcp" });
// @ts-expect-error -- one of two strings
connect("wss://127.0.0.1/", { engine: "undici" });
// @ts-expect-error -- used once only, so it need not be a function
connect("wss://127.0.0.1/", { headers: () => ({}) });
// @ts-expect-error -- misspelt, and a server would be trusted that should not be
connect("wss://127.0.0.1/", { tls: { rejectUnauthorised: true } });
