/** The table of clients that connect again. @module */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { reconnect, type ReconnectingSocket } from "../../mod.ts";
import { ENTRY_POINTS, sizeOf, sizeOfPeer } from "../size.ts";
import { start } from "./running.ts";
import type { Row } from "./table.ts";
import { io, type SocketIo } from "./talk.ts";

/** The part of partysocket that is used here. */
interface PartySocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void;
}

const { WebSocket: PartySocket }: {
  WebSocket: new (url: string, protocols: string[], options: object) => PartySocket;
} = await import(new URL("./node_modules/partysocket/dist/index.js", import.meta.url).href);

const MiB = 2 ** 20;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How each client is made for the rows: with times that are short enough to wait for. */
const CLIENTS = {
  "isosocket": (port: number): ReconnectingSocket =>
    reconnect(`ws://127.0.0.1:${port}/`, {
      backoff: { base: 300, max: 1000 },
      heartbeat: { every: 300, deadline: 300, message: "ping" },
    }),
  "partysocket": (port: number): PartySocket =>
    new PartySocket(`ws://127.0.0.1:${port}/`, [], {
      minReconnectionDelay: 300,
      maxReconnectionDelay: 1000,
    }),
  "socket.io": (port: number): SocketIo =>
    io(`http://127.0.0.1:${port}/`, {
      transports: ["websocket"],
      reconnectionDelay: 300,
      reconnectionDelayMax: 1000,
      forceNew: true,
    }),
};

type Name = keyof typeof CLIENTS;

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Clients of one kind, whose server refuses them: do they wait for the same times? */
async function waits(name: Name): Promise<string> {
  const shares: number[] = [];
  for (let count = 0; count < 6; count++) {
    const times: number[] = [];
    const server = createServer((_request, response) => response.writeHead(503).end());
    server.on("upgrade", (_request, stream: TcpSocket) => {
      times.push(performance.now());
      stream.on("error", () => {}); // its client may have gone
      stream.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    const client = CLIENTS[name](await listening(server));
    while (times.length < 3) await sleep(10);
    client.close();
    server.close();
    shares.push(times[2]! - times[1]!);
  }
  const [shortest, longest] = [Math.min(...shares), Math.max(...shares)];
  return longest / shortest < 1.2 ? "without jitter" : "with jitter";
}

/** A server that is stopped, with its connections: does a client notice in 4 seconds? */
async function noticesDeath(name: Name): Promise<string> {
  using server = await start(name === "socket.io" ? "socket.io" : "isosocket", "Node");
  const client = CLIENTS[name](server!.port);
  const isOpen = (): boolean =>
    "connected" in client ? client.connected : client.readyState === WebSocket.OPEN;
  while (!isOpen()) await sleep(10);
  server!.child.kill("SIGSTOP");
  const until = performance.now() + 4000;
  while (isOpen() && performance.now() < until) await sleep(10);
  const noticed = !isOpen();
  client.close();
  return noticed ? "by a heartbeat" : "no";
}

/** How much may wait for a connection? */
async function whatWaits(name: Name): Promise<string> {
  const server = createServer();
  server.on("upgrade", (_request, stream) => stream.on("error", () => {})); // and never answers
  const client = CLIENTS[name](await listening(server));
  const text = "x".repeat(MiB / 4);
  let sent = 0;
  try {
    for (; sent < 64 * MiB; sent += text.length) {
      if ("emit" in client) client.emit("m", text);
      else client.send(text);
    }
  } catch {
    // One was too much.
  }
  client.close();
  server.closeAllConnections();
  server.close();
  return sent < 64 * MiB ? `${sent / MiB} MiB by default` : "without bounds";
}

/** Does it talk to a server that speaks WebSocket, and nothing else? */
async function server(name: Name): Promise<string> {
  using plain = await start("isosocket", "Node");
  const client = CLIENTS[name](plain!.port);
  let hasAnswer = false;
  if ("emit" in client) {
    client.on("connect", () => hasAnswer = true);
  } else {
    client.addEventListener("message", ({ data }: { data: unknown }) => hasAnswer ||= data === "5");
    client.send("hello");
  }
  const until = performance.now() + 2000;
  while (!hasAnswer && performance.now() < until) await sleep(10);
  client.close();
  return hasAnswer ? "any" : `${name}'s`;
}

/** kB of a page after gzip. */
async function size(name: Name): Promise<string> {
  const isOurs = name === "isosocket";
  const { gzip } = isOurs
    ? await sizeOf(["reconnect"], ENTRY_POINTS["./page"])
    : await sizeOfPeer(name === "socket.io" ? "socket.io-client" : name);
  return (gzip / 1000).toFixed(1) + (isOurs ? " (`reconnect`)" : "");
}

const ROWS: Readonly<Record<string, (name: Name) => Promise<string>>> = {
  "their waits": waits,
  "notice a dead server": noticesDeath,
  "what waits meanwhile": whatWaits,
  "the server may be": server,
  "kB after gzip": size,
};

/** Resolves with the rows of the table of clients. */
export async function clientRows(packages: readonly Name[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(ROWS)) {
    const cells: string[] = [];
    for (const each of packages) cells.push(await measure(each));
    rows.push({ name, cells });
  }
  return rows;
}
