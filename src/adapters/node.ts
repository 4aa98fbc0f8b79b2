/**
 * Sockets on `node:http`, over the `ws` package.
 *
 * Use this door where the server is yours: `attach(httpServer, handler)`, for a plain server, or
 * for the one inside Express or Fastify. Otherwise take `serve()` from the main door.
 *
 * @module
 */

import { createRequest, sendResponse } from "@remix-run/node-fetch-server";
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import process from "node:process";
import { WebSocket as WsSocket, WebSocketServer } from "ws";
import { ABNORMAL } from "../close_code.ts";
import { diagnostics } from "../diagnostics.ts";
import { Host, type SocketOptions } from "../host.ts";
import type { Hub } from "../hub.ts";
import type { Begin, Bytes, Link, LinkEvents, Shared } from "../link.ts";
import type { Listening } from "../server.ts";
import { type Accept, type Acceptance, answer, type Answering, type Handler } from "../upgrade.ts";

export { UpgradeError } from "../handshake.ts";
export { upgrade } from "../upgrade.ts";

/** The part of a `ws` socket that is used here. */
interface Ws {
  readonly OPEN: number;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: "arraybuffer";
  send(data: string | Buffer): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  pong(data: Bytes, mask: undefined, left: (() => void) | undefined): void;
  pause(): void;
  resume(): void;
  on(event: "ping" | "pong", listener: (data: Buffer) => void): void;
  on(event: "message", listener: (data: ArrayBuffer | Buffer, isBinary: boolean) => void): void;
  on(event: "close", listener: (code: number, reason: Buffer) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "open", listener: () => void): void;
  on(event: "upgrade", listener: (incoming: { readonly socket: TcpSocket }) => void): void;
}

/** The part of a `node:http` server that is used here. */
export interface NodeServer {
  /** Adds a listener. */
  on(
    event: "upgrade",
    // deno-lint-ignore no-explicit-any -- Node's own types, in whatever version the user has them
    listener: (incoming: any, stream: any, head: any) => void,
  ): unknown;
}

/** The part of a `ws` server that is used here. */
interface WsServer {
  on(event: "headers", listener: (lines: string[], incoming: IncomingMessage) => void): void;
  handleUpgrade(
    incoming: IncomingMessage,
    stream: TcpSocket,
    head: Buffer,
    opened: (ws: Ws) => void,
  ): void;
}

/** The first byte of a Pong frame (5.2). */
const PONG = 0x8a;

/** Pongs that may wait. */
const MAX_PONGS = 1024;

/** Longer messages are framed by `ws`: Node has a pool for what is shorter. */
const SHORT = 4000;

function view(data: Bytes): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** A message as a frame of its own, in memory of its own: `ws` makes two pieces of it. */
function encode(data: string | Bytes, first?: number): Buffer {
  const isText = typeof data === "string";
  const size = isText ? Buffer.byteLength(data) : data.byteLength;
  const start = size < 126 ? 2 : size < 65_536 ? 4 : 10; // 5.2
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = first ?? (isText ? 0x81 : 0x82);
  if (start === 2) frame[1] = size;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeUIntBE(0, 2, 2);
    frame.writeUIntBE(size, 4, 6);
  }
  if (isText) frame.write(data, start);
  else frame.set(view(data), start);
  return frame;
}

class NodeLink implements Link {
  readonly #ws: Ws;
  readonly #isServer: boolean;
  #stream: TcpSocket | undefined;
  #corked = false;
  /** Pongs that wait. */
  #pongs = 0;
  /** The latest Ping that came while so many waited. */
  #unanswered: Bytes | undefined;

  constructor(ws: Ws, events: LinkEvents, stream?: TcpSocket) {
    this.#ws = ws;
    this.#isServer = stream !== undefined;
    this.#stream = stream;
    ws.binaryType = "arraybuffer";
    ws.on("message", (data, isBinary) => {
      events.received(isBinary ? data as ArrayBuffer : (data as Buffer).toString());
    });
    ws.on("ping", (data) => {
      events.heard();
      this.#answer(data as Uint8Array<ArrayBuffer>);
    });
    ws.on("pong", () => events.heard());
    ws.on("error", (error) => events.failed(error));
    ws.on("close", (code, reason) => {
      if (code === ABNORMAL) events.failed();
      else events.closed(code, reason.toString());
    });
  }

  /**
   * Answers a Ping. Where a peer does not read, many answers would wait, and take ten times the
   * memory that it took to ask for them: there, the latest Ping is answered when they have left.
   */
  #answer(ping: Bytes): void { // 5.5.3
    if (this.#stream?.writableLength === 0) this.#pongs = 0;
    if (this.#pongs === MAX_PONGS) {
      this.#unanswered = ping.slice(0);
      return;
    }
    const left = ++this.#pongs < MAX_PONGS ? undefined : (): void => {
      const latest = this.#unanswered;
      this.#pongs = 0;
      this.#unanswered = undefined;
      if (latest !== undefined) this.#answer(latest);
    };
    this.#cork();
    if (this.#writable) this.#stream!.write(encode(ping, PONG), left);
    else this.#ws.pong(ping, undefined, left);
  }

  /** Tells a client's link the connection, once there is one. */
  writesTo(stream: TcpSocket): void {
    this.#stream = stream;
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount;
  }

  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  /**
   * `ws` writes each message to the system by itself: all of a tick leave together instead. A
   * server's short ones do not need `ws`, which takes as long to frame them as all the rest.
   */
  send(data: string | Bytes): void {
    this.#cork();
    const size = typeof data === "string" ? data.length : data.byteLength;
    if (size <= SHORT && this.#writable) {
      this.#stream!.write(encode(data));
    } else { // ws keeps no copy
      this.#ws.send(typeof data === "string" ? data : Buffer.copyBytesFrom(view(data)));
    }
  }

  sendShared(shared: Shared): void {
    if (!this.#writable) return this.send(shared.data);
    this.#cork();
    this.#stream!.write((shared.frame ??= encode(shared.data)) as Buffer);
  }

  /** Whether frames may be written past `ws`. */
  get #writable(): boolean {
    return this.#isServer && this.#ws.readyState === this.#ws.OPEN;
  }

  #cork(): void {
    const stream = this.#stream;
    if (this.#corked || stream === undefined) return;
    this.#corked = true;
    stream.cork();
    process.nextTick(uncork, this);
  }

  static uncork(link: NodeLink): void {
    link.#corked = false;
    link.#stream!.uncork();
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason);
  }

  ping(): void {
    this.#ws.ping();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }
}

const { uncork } = NodeLink;

/** Further headers of the answer to a handshake, which `ws` has no argument for. */
const answers = new WeakMap<IncomingMessage, Headers>();

/** ms: the longest that timers can wait. */
const FOR_EVER = 0x7fffffff;

/**
 * By default ws closes a socket with 1008 at 16,384 fragments; other runtimes count bytes only. It
 * drops one at 60 Pongs that wait, fewer than one packet can ask for: links answer themselves.
 */
const OPTIONS = {
  maxFragments: 16 * 1024 * 1024,
  maxBufferedChunks: 16 * 1024 * 1024,
  autoPong: false,
};

function createWsServer(
  { options: { closeTimeout }, limits: { maxPayload } }: Answering,
): WsServer {
  const server: WsServer = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    ...OPTIONS,
    maxPayload: maxPayload === Infinity ? 0 : maxPayload, // 0 is ws's word for it
    closeTimeout: closeTimeout || FOR_EVER, // for a peer that has closed, and keeps TCP open
  });
  server.on("headers", (lines, incoming) => {
    for (const [name, value] of answers.get(incoming) ?? []) lines.push(`${name}: ${value}`);
  });
  return server;
}

function accept(
  server: WsServer,
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
  let opened = false;
  server.handleUpgrade(incoming, stream, head, (ws: Ws) => {
    opened = true;
    events.opened(new NodeLink(ws, events, stream), protocol, "");
  });
  return opened ? undefined : false;
}

function ignore(): void {}

/** Answers a request whose connection Node has handed over. */
async function answerUpgrade(
  answering: Answering,
  server: WsServer,
  incoming: IncomingMessage,
  stream: TcpSocket,
  head: Buffer,
): Promise<void> {
  stream.on("error", ignore); // a reset before ws listens would end the process
  const reply = new ServerResponse(incoming);
  reply.shouldKeepAlive = false;
  reply.assignSocket(stream);
  const response = await respond(answering, incoming, reply, (acceptance) => {
    reply.detachSocket(stream);
    return accept(server, incoming, stream, head, acceptance);
  });
  if (response === undefined) return void stream.off("error", ignore); // ws has its own
  if (stream.destroyed) return; // nobody is left to be answered
  reply.on("finish", () => stream.end(() => stream.destroy()));
  if (reply.socket === null) reply.assignSocket(stream);
  await sendResponse(reply, response).catch(() => stream.destroy());
}

/** Answers a request that Node can answer. */
async function answerRequest(
  answering: Answering,
  incoming: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const response = await respond(answering, incoming, reply, () => {
    throw new Error("Cannot open: Node has not handed the connection over");
  });
  await sendResponse(reply, response!).catch(() => reply.destroy());
}

async function respond(
  answering: Answering,
  incoming: IncomingMessage,
  reply: ServerResponse,
  accept: Accept<undefined>,
): Promise<Response | undefined> {
  let request: Request;
  try {
    incoming.url = incoming.url?.replace(/^https?:\/\/[^/?]*\/?/i, "/"); // RFC 9112, 3.2.2
    request = createRequest(incoming, reply);
  } catch {
    return new Response("Bad Request\n", { status: 400 }); // for instance, a Host that is none
  }
  const { httpVersion, socket: { remoteAddress } } = incoming;
  return await answer(answering, request, { remoteAddress, httpVersion }, accept);
}

function attachTo(http: NodeServer, answering: Answering): void {
  const server = createWsServer(answering);
  http.on("upgrade", (incoming, stream, head) => {
    void answerUpgrade(answering, server, incoming, stream, head);
  });
}

/**
 * Answers the WebSocket handshakes of a server that is yours. Its other requests stay yours.
 *
 * @param http A `node:http` or `node:https` server, or what behaves like one.
 * @param handler May call {@linkcode upgrade}, or refuse with another response.
 * @returns What can be done with its sockets. They end with {@linkcode Hub.close}, not with the
 * server's own `close()`.
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
  const host = new Host(handler, options, diagnostics);
  attachTo(http, host);
  return host.hub();
}

/**
 * Starts Node's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(
  where: { readonly port: number; readonly hostname: string },
  answering: Answering,
): Promise<Listening> {
  const http = createServer((incoming, reply) => void answerRequest(answering, incoming, reply));
  attachTo(http, answering);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(where.port, where.hostname, () => {
      http.off("error", reject);
      resolve();
    });
  });
  const { address, port } = http.address() as AddressInfo;
  const stop = (): Promise<unknown> => {
    const stopped = new Promise((resolve) => http.close(resolve));
    http.closeIdleConnections();
    return stopped;
  };
  return { hostname: address, port, stop, drop: () => http.closeAllConnections() };
}

/**
 * Begins a connection with `ws`, on Node 20, which has no `WebSocket` of its own.
 *
 * @internal
 */
export function dial(url: string, protocols: string[], closeTimeout: number): Begin {
  return (events) => {
    const ws: Ws = new WsSocket(url, protocols, {
      ...OPTIONS,
      maxPayload: 0,
      closeTimeout: closeTimeout || FOR_EVER,
    });
    const link = new NodeLink(ws, events);
    ws.on("upgrade", ({ socket }) => link.writesTo(socket));
    ws.on("open", () => events.opened(link, ws.protocol, ws.extensions));
    return () => ws.terminate();
  };
}
