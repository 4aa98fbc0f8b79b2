/** Bare twin of `http.ts`: the same pages and an echo, on the runtime's own API. @module */

import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { WebSocketServer } from "ws";
import { answerQuestions } from "../../processes/answering.ts";
import { cost } from "../../processes/cost.ts";
import { mannerOf, nodePage, page, WAITING } from "./http_pages.ts";
import { takeLongTasks, watchLongTasks } from "./long_tasks.ts";

declare const Deno: {
  serve(options: object, handler: unknown): { readonly addr: { readonly port: number } };
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
};
declare const Bun: { serve(options: object): { readonly port: number } };
interface BunServer {
  upgrade(request: Request): boolean;
}
interface BunSocket {
  send(data: unknown): void;
}

const local = { port: 0, hostname: "127.0.0.1" };
const SOCKETS = ["", "socket", "late", "pipe", "loop", "caught", "returns"];

function isSocket(request: Request): boolean {
  return SOCKETS.includes(mannerOf(request.url)) &&
    /websocket/i.test(request.headers.get("upgrade") ?? "");
}

async function arrived(request: Request): Promise<void> {
  if (mannerOf(request.url) === "late") {
    await new Promise((resolve) => setTimeout(resolve, WAITING));
  }
}

/** Statuses for the behaviours of programs with bugs, which this one does not have. */
const STATUSES: Readonly<Record<string, number>> = {
  throw: 500,
  reject: 500,
  refuse: 401,
  used: 500,
  locked: 500,
  nothing: 500,
  error: 500,
  empty: 204,
  other: 403,
  bug: 500,
};

async function answerPage(request: Request): Promise<Response> {
  const manner = mannerOf(request.url);
  const status = STATUSES[manner];
  if (status === undefined) return page(request);
  if (manner === "reject") await new Promise((resolve) => setTimeout(resolve, WAITING));
  return new Response(null, { status });
}

/** Requests whose connections the runtime handed over. */
const handedOver = new WeakSet<IncomingMessage>();

function answerNode(incoming: IncomingMessage, reply: ServerResponse): void {
  const manner = mannerOf(incoming.url ?? "");
  const status = STATUSES[manner];
  const isLost = /websocket/i.test(incoming.headers.upgrade ?? "") && !handedOver.has(incoming);
  const by = isLost ? "pages" : "the twin";
  if (status === undefined || isLost) return nodePage(incoming, reply, by);
  setTimeout(
    () => reply.writeHead(status, { "x-by": by }).end(),
    manner === "reject" ? WAITING : 0,
  );
}

const refused = (): Response => new Response("no handshake\n", { status: 400 });

async function answerDeno(request: Request): Promise<Response> {
  if (!isSocket(request)) return answerPage(request);
  await arrived(request);
  try {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  } catch {
    return refused();
  }
}

async function answerBun(request: Request, server: BunServer): Promise<Response | undefined> {
  if (!isSocket(request)) return answerPage(request);
  await arrived(request);
  return server.upgrade(request) ? undefined : refused();
}

/** The part of the package `ws` that is used here. */
interface Wss {
  handleUpgrade(...them: readonly [...unknown[], opened: (socket: Ws) => void]): void;
}
interface Ws {
  on(event: "error", listener: () => void): void;
  on(event: "message", listener: (data: unknown, binary: boolean) => void): void;
  send(data: unknown, options: { binary: boolean }): void;
}

const wss = new WebSocketServer({ noServer: true }) as unknown as Wss;
const init = {
  connectionsCheckingInterval: 500,
  headersTimeout: 8000,
  // All other requests are for pages.
  shouldUpgradeCallback({ method, httpVersionMinor, headers }: IncomingMessage) {
    return method === "GET" && httpVersionMinor > 0 && /websocket/i.test(headers.upgrade ?? "") &&
      headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
  },
};
const http = createServer(init, answerNode);
http.on("upgrade", (incoming, stream, head) => {
  handedOver.add(incoming);
  stream.on("error", () => {});
  if (!SOCKETS.includes(mannerOf(incoming.url ?? ""))) {
    const reply = new ServerResponse(incoming);
    reply.shouldKeepAlive = false;
    reply.assignSocket(stream as TcpSocket);
    reply.on("finish", () => stream.end());
    return answerNode(incoming, reply);
  }
  wss.handleUpgrade(incoming, stream, head, (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
});
await new Promise<void>((resolve) => http.listen(0, local.hostname, resolve));
const { port } = http.address() as AddressInfo;

function native(): number {
  if ("Deno" in globalThis) return Deno.serve({ ...local, onListen() {} }, answerDeno).addr.port;
  if ("Bun" in globalThis) {
    const websocket = { message: (socket: BunSocket, data: unknown) => socket.send(data) };
    return Bun.serve({ ...local, fetch: answerBun, websocket }).port;
  }
  return port;
}
const own = native();
const ports = Object.fromEntries([
  ...["serve", "trusting", "crowded", "wrap"].map((name) => [name, own]),
  ...["serve-tcp", "attach", "through", "again"].map((name) => [name, port]),
]);

watchLongTasks();
answerQuestions({ port: own, ports }, (question) => {
  if (question.settled !== undefined) return cost(true);
  if (question.longTasks !== undefined) return takeLongTasks();
  return true;
});
