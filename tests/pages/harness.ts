/** What the fragments on the pages take for granted: made for a run of them, on loopback. @module */

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

/** Whoever is asked by a fragment that connects. */
const plain = await serveAt({ port: 0, hostname: "127.0.0.1" }, handler);
const secure = await serveAt(
  { port: 0, hostname: "127.0.0.1", tls: { key: KEY, cert: CERT } },
  handler,
);

/** The server of a page that tells of one. */
export const server: Server = await serveAt({ port: 0, hostname: "127.0.0.1" }, handler);

/** A handler that echoes, for subprotocols that it does not mind. */
export function handler(request: Request): Response {
  const offered = request.headers.get("sec-websocket-protocol")?.split(/, */) ?? [];
  const { socket, response } = upgrade(request, { protocols: offered });
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

/** `serve()`, on whatever port is free. */
export async function serve(...[options, handler]: Parameters<typeof serveAt>): Promise<Server> {
  const { unix } = options;
  const place = unix === undefined
    ? { port: 0, hostname: "127.0.0.1" }
    : { unix: join(tmpdir(), `isosocket-page-${process_.pid}.sock`) };
  const server = await serveAt({ ...options, ...place }, handler);
  servers.push(server);
  return server;
}

/** `connect()`, whatever the address: `wss:` only where it is told whom to trust. */
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

/** What a program asks for before it connects. */
export function token(): Promise<string> {
  return Promise.resolve("token");
}

export const ticket: () => Promise<string> = token;

/** What a server takes its time for. */
export function answer(data: string | Blob): Promise<string> {
  return Promise.resolve(`answer to ${data}`);
}

/** A counter of whatever somebody measures with. */
export const refusals: { add(count: number, attributes: object): void } = { add() {} };

/** Files that nobody has. */
export function readFile(name: string, _encoding?: "utf8"): Promise<string> {
  return Promise.resolve(name.endsWith(".key") || name === "key.pem" ? KEY : CERT);
}

/** The process, whose signals come at once. */
export const process: { on(signal: string, listener: () => unknown): void } = {
  on: (_signal, listener) => void onSignal.push(listener),
};

/** Waits till all that a fragment has begun is there, tries it, and ends it. */
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

/** Ends what there is from the beginning. */
export async function end(): Promise<void> {
  await settle();
  for (const each of [plain, secure, server]) await each.close();
}
