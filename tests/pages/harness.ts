/** Functions and values that fragments on the pages use without declaring them. @module */

import {
  connect as connectTo,
  reconnect as reconnectTo,
  type ReconnectingSocket,
  serve as serveAt,
  type Server,
  type Socket,
  upgrade,
} from "@isosocket/isosocket";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process_ from "node:process";
import { CERT, KEY } from "../server/certificate.ts";

export { upgrade };

const servers: Server[] = [];
const sockets: (Socket | ReconnectingSocket)[] = [];
const onSignal: (() => unknown)[] = [];

/** Servers for the fragments that connect. */
const plain = await serveAt({ port: 0, hostname: "127.0.0.1" }, handler);
const secure = await serveAt(
  { port: 0, hostname: "127.0.0.1", tls: { key: KEY, cert: CERT } },
  handler,
);

/** Server that fragments use. */
export const server: Server = await serveAt({ port: 0, hostname: "127.0.0.1" }, handler);

/** Handler that echoes messages, and accepts any subprotocol. */
export function handler(request: Request): Response {
  const offered = request.headers.get("sec-websocket-protocol")?.split(/, */) ?? [];
  const { socket, response } = upgrade(request, { protocols: offered });
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

/** `serve()`, on loopback and a free port. */
export async function serve(...[options, handler]: Parameters<typeof serveAt>): Promise<Server> {
  const { unix } = options;
  const place = unix === undefined
    ? { port: 0, hostname: "127.0.0.1" }
    : { unix: join(tmpdir(), `isosocket-page-${process_.pid}.sock`) };
  const server = await serveAt({ ...options, ...place }, handler);
  servers.push(server);
  return server;
}

/** `connect()`, whatever the address: by `wss:` only with the option `tls`. */
export function connect(...[, options = {}]: Parameters<typeof connectTo>): Socket {
  const { tls } = options;
  const socket = tls === undefined
    ? connectTo(plain.url, options)
    : connectTo(secure.url, { ...options, tls: { ...tls, servername: "localhost" } });
  sockets.push(socket);
  return socket;
}

/** `reconnect()`, whatever the address. */
export function reconnect(
  ...[url, options]: Parameters<typeof reconnectTo>
): ReconnectingSocket {
  const socket = reconnectTo(async (attempt) => {
    if (typeof url === "function") await url(attempt);
    return plain.url;
  }, options);
  sockets.push(socket);
  return socket;
}

/** Resolves with a token, for programs that need one before they connect. */
export function token(): Promise<string> {
  return Promise.resolve("token");
}

export const ticket: () => Promise<string> = token;

/** Resolves with an answer, for servers that answer asynchronously. */
export function answer(data: string | Blob): Promise<string> {
  return Promise.resolve(`answer to ${data}`);
}

/** Counter of a metrics library. */
export const refusals: { add(count: number, attributes: object): void } = { add() {} };

/** Resolves with the content of a certificate or a key, whatever the path. */
export function readFile(name: string, _encoding?: "utf8"): Promise<string> {
  return Promise.resolve(name.endsWith(".key") || name === "key.pem" ? KEY : CERT);
}

/** Process whose signals arrive when the fragment has run. */
export const process: { on(signal: string, listener: () => unknown): void } = {
  on: (_signal, listener) => void onSignal.push(listener),
};

/** Waits until the sockets and servers of a fragment are open, tries them, and closes them. */
export async function settle(): Promise<void> {
  for (const socket of sockets.splice(0)) {
    await socket.opened;
    socket.close();
    await socket.closed;
  }
  for (const listener of onSignal.splice(0)) await listener();
  for (const server of servers.splice(0)) {
    if (server.unix === undefined) {
      const socket = connectTo(
        server.url,
        server.url.startsWith("https:") ? { tls: { ca: CERT, servername: "localhost" } } : {},
      );
      await socket.opened;
      socket.send("hello");
      socket.close();
      await socket.closed;
    }
    await server.close();
  }
}

/** Closes the servers of the harness itself. */
export async function end(): Promise<void> {
  await settle();
  for (const each of [plain, secure, server]) await each.close();
}
