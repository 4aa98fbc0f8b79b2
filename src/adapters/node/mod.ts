/**
 * Sockets on `node:http`, over the `ws` package.
 *
 * Use this door where the server is yours: `attach(httpServer, handler)` for a plain server,
 * `attach(httpServer, through(app))` for Express, Fastify and their like. Otherwise take `serve()`
 * from the main door.
 *
 * @module
 */

import { createRequest } from "@remix-run/node-fetch-server";
import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { WebSocketServer } from "ws";
import { chooseDeflate, type Compression } from "../../handshake/compression.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { AppExchange, remember } from "./app_exchange.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { SocketOptions } from "../../server/options.ts";
import type { Hub } from "../../server/hub.ts";
import type { Listening, Where } from "../../server/listening.ts";
import { createHttp, open } from "./http.ts";
import { cut, discard, drainWith, dropRest, endAfter, replyOn, send } from "./reply.ts";
import type { NodeServer } from "./http_server.ts";
import { earlierAnswers, Early, isAnswering, takeHandshakes } from "./upgrade_events.ts";
import type { Watch } from "../../server/handler_wait.ts";
import { resolveTarget } from "../../handshake/request_target.ts";
import { answer } from "../../server/answer.ts";
import type { Accept, Acceptance, Handler, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";
import { INFLATE_OPTIONS, wsMaxPayload } from "../ws/inflate.ts";
import { type Ws, WsLink, wsOptions, WsServerSocket } from "../ws/link.ts";

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { type NodeListener, type NodeRequest, through, upgrade } from "./app.ts";
export type { NodeServer, UpgradeListener } from "./http_server.ts";

/** The part of a `ws` server that is used here. */
interface WsServer {
  on(event: "headers", listener: (lines: string[], incoming: IncomingMessage) => void): void;
  handleUpgrade(
    incoming: IncomingMessage,
    stream: TcpSocket,
    head: Buffer,
    opened: (ws: Ws & { link?: WsLink }) => void,
  ): void;
}

/** Further headers of the answer to a handshake, which `ws` has no argument for. */
const answers = new WeakMap<IncomingMessage, Headers>();

/** ms: the longest that timers can wait. */
const FOR_EVER = 0x7fffffff;

function createWsServer(
  { options: { closeTimeout }, limits: { maxPayload }, compression }: UpgradeContext,
): WsServer {
  const server: WsServer = new WebSocketServer({
    noServer: true,
    WebSocket: WsServerSocket,
    clientTracking: false,
    ...wsOptions(maxPayload),
    maxPayload: wsMaxPayload(maxPayload),
    // The link says what is compressed.
    perMessageDeflate: compression && { threshold: 0, zlibInflateOptions: INFLATE_OPTIONS },
    closeTimeout: closeTimeout || FOR_EVER, // for a peer that has closed, and keeps TCP open
  });
  server.on("headers", (lines, incoming) => {
    for (const [name, value] of answers.get(incoming) ?? []) lines.push(`${name}: ${value}`);
  });
  return server;
}

function accept(
  server: WsServer,
  compression: Compression | undefined,
  incoming: IncomingMessage,
  stream: TcpSocket,
  head: Buffer,
  { events, protocol, headers }: Acceptance,
): undefined | false {
  if (protocol !== "") headers.set("sec-websocket-protocol", protocol);
  answers.set(incoming, headers);
  // Both are checked already, and ws knows fewer of their forms than HTTP does.
  incoming.headers.upgrade = "websocket";
  delete incoming.headers["sec-websocket-protocol"];
  // ws agrees to the first offer as it stands, and answers 400 if it cannot read another one.
  const deflating = compression && chooseDeflate(incoming.headers["sec-websocket-extensions"]);
  if (deflating === undefined) delete incoming.headers["sec-websocket-extensions"];
  else incoming.headers["sec-websocket-extensions"] = deflating.answer;
  let opened = false;
  try {
    server.handleUpgrade(incoming, stream, head, (ws) => {
      opened = true;
      const threshold = deflating === undefined ? Infinity : compression!.threshold;
      const link = new WsLink(ws, events, stream, threshold, deflating?.windowBits);
      ws.link = link;
      events.opened(link, protocol, deflating?.answer ?? "");
    });
  } catch (error) {
    if (opened) stream.destroy(); // behind a 101, there is no other answer
    throw error;
  }
  return opened ? undefined : false;
}

function ignore(): undefined {}

/** Answers a request whose connection Node has handed over. */
async function answerUpgrade(
  answering: UpgradeContext,
  server: WsServer,
  incoming: IncomingMessage,
  stream: TcpSocket,
  head: Buffer,
): Promise<void> {
  stream.on("error", ignore); // a reset before ws listens would end the process
  const { onError, options: { openTimeout } } = answering;
  const early = new Early(stream, head);
  if (isAnswering(stream)) await earlierAnswers(stream);
  if (!stream.writable) return early.drop(); // an earlier answer was the last one
  const reply = replyOn(stream, incoming);
  const exchange = new AppExchange(incoming, stream, answering);
  const upgrade = (acceptance: Acceptance): undefined | false => {
    reply.detachSocket(stream);
    return accept(server, answering.compression, incoming, stream, early.take(), acceptance);
  };
  const response = await respond(answering, incoming, reply, upgrade, early.watch, exchange);
  if (response === undefined) return void stream.off("error", ignore); // ws has its own
  early.drop();
  exchange.close();
  if (exchange.answered) return;
  if (!stream.writable) return discard(response); // nobody is left to be answered
  if (reply.socket === null) reply.assignSocket(stream);
  drainWith(reply, stream);
  endAfter(reply, stream, openTimeout);
  await send(incoming, reply, response, onError);
}

/** Answers a request that Node can answer. */
async function answerRequest(
  answering: UpgradeContext,
  incoming: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  // Bun hands no connection over for a handshake behind a request that is not answered yet.
  const response = await respond(answering, incoming, reply, () => false, ignore);
  await send(incoming, reply, response!, answering.onError);
}

/** Answers a request for a tunnel: there is none (RFC 9110, 9.3.6). */
async function answerConnect(
  { onError, options: { openTimeout } }: UpgradeContext,
  incoming: IncomingMessage,
  stream: TcpSocket,
): Promise<void> {
  stream.on("error", ignore);
  if (isAnswering(stream)) await earlierAnswers(stream);
  if (!stream.writable) return;
  const reply = replyOn(stream, incoming);
  endAfter(reply, stream, openTimeout);
  await send(incoming, reply, new Response("Not Implemented\n", { status: 501 }), onError);
}

async function respond(
  answering: UpgradeContext,
  incoming: IncomingMessage,
  reply: ServerResponse,
  accept: Accept<undefined>,
  watch: Watch,
  exchange?: AppExchange,
): Promise<Response | undefined> {
  const { method = "GET", url: target = "", httpVersion, socket } = incoming;
  const { host: hosts } = incoming.headersDistinct; // of several, Node's headers have the first
  const scheme = "encrypted" in socket && socket.encrypted ? "https" : "http";
  const head = { method, target, host: hosts?.join(", ") ?? null, scheme, httpVersion } as const;
  const url = resolveTarget(head, (error) => {
    if (exchange !== undefined) answering.refused(error);
  });
  if (typeof url !== "string") return url;
  let request: Request;
  try {
    const { protocol, host, pathname, search } = new URL(url);
    if (!target.startsWith("/")) incoming.url = pathname + search; // apps know this form only
    request = createRequest(incoming, reply, { protocol, host });
    if (exchange !== undefined) remember(request, exchange);
    else reply.on("finish", () => dropRest(incoming, request));
  } catch {
    return new Response("Bad Request\n", { status: 400 }); // a method that no Request has: TRACE
  }
  const info = { remoteAddress: socket.remoteAddress, httpVersion };
  return await answer(answering, request, { info, accept, watch, isBodyLocked });
}

/** @returns Takes its listeners away. */
function attachTo(http: NodeServer, answering: UpgradeContext): () => void {
  const server = createWsServer(answering);
  return takeHandshakes(http, (incoming, stream, head) => {
    answerUpgrade(answering, server, incoming, stream, head).catch((error) => {
      stream.destroy();
      answering.onError(error);
    });
  });
}

/** Servers whose handshakes are somebody's. */
const attached = new WeakSet<NodeServer>();

/**
 * Answers the WebSocket handshakes of a server that is yours. Its other requests stay yours.
 *
 * @param http A `node:http` or `node:https` server, or what behaves like one.
 * @param handler May call {@linkcode upgrade}, or refuse with another response.
 * @returns What can be done with its sockets. They end with {@linkcode Hub.close}, not with the
 * server's own `close()`; and with it, all listeners are taken away.
 * @throws {TypeError} If the server has been attached to before, and that hub is not closed.
 *
 * @example
 * ```ts
 * import { attach, upgrade } from "@isosocket/isosocket/node";
 * import { createServer } from "node:http";
 *
 * const http = createServer((_request, response) => response.end("a page"));
 * attach(http, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * http.listen(0, "127.0.0.1", () => http.close());
 * ```
 */
export function attach(http: NodeServer, handler: Handler, options?: SocketOptions): Hub {
  const host = new ServerCore(handler, options, diagnostics);
  if (attached.has(http)) {
    throw new TypeError(
      "Cannot attach to this server: it has a handler already, and close() of its hub must be awaited first",
    );
  }
  attached.add(http);
  const detach = attachTo(http, host);
  return host.hub(() => {
    detach();
    attached.delete(http);
    return Promise.resolve();
  });
}

/**
 * Starts Node's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, answering: UpgradeContext): Promise<Listening> {
  const { onError, options: { openTimeout } } = answering;
  const http = createHttp(where, openTimeout, (incoming, reply) => {
    answerRequest(answering, incoming, reply).catch((error) => {
      cut(reply);
      onError(error);
    });
  });
  http.on("connect", (incoming, stream: TcpSocket) => {
    answerConnect(answering, incoming, stream).catch((error) => {
      stream.destroy();
      onError(error);
    });
  });
  attachTo(http, answering);
  const listening = await open(http, where);
  http.on("error", onError); // for instance, there are no descriptors left for a connection
  return listening;
}
