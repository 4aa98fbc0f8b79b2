/** The same pages and sockets behind each way to start a server. @module */

import {
  type Engine,
  type Handler,
  type Hub,
  serve,
  type ServerSocket,
  type SocketOptions,
  upgrade,
} from "@isosocket/isosocket";
import { attach, through, upgrade as upgradeNode, UpgradeError } from "@isosocket/isosocket/node";
import { createRequest, sendResponse } from "@remix-run/node-fetch-server";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { CERT, KEY } from "./certificate.ts";
import { by, connectTls, engines, FREE, SECURE } from "./places.ts";

/** Answers a request for a page; `undefined` where an echo is. */
export type Pages = (
  request: Request,
) => Response | undefined | Promise<Response | undefined>;

/** A server at work. */
export interface Running {
  /** What can be done with its sockets. */
  readonly hub: Hub;
  /** What `onError` was called with. */
  readonly errors: unknown[];
  /** The paths that the handler was called for; not those that the user's own server answers. */
  readonly handled: string[];
  /** Connects to it. */
  readonly to: () => Promise<TcpWire>;
  /** Its port. */
  readonly port: number;
  /** The server of `node:http` that was attached to. */
  readonly http: Server | undefined;
  /** Ends it. */
  stop(): Promise<void>;
}

/** A way to start a server. */
export interface NodeEntryPoint {
  /** For the titles of tests. */
  readonly name: string;
  /** Whether `node:http` is below. */
  readonly isNode: boolean;
  /** Whether its pages are answered by the server of its user. */
  readonly isAttached: boolean;
  /** Whether clients need TLS. */
  readonly isSecure: boolean;
  /** Starts a server. */
  start(pages: Pages): Promise<Running>;
}

function echo(socket: ServerSocket): void {
  socket.onmessage = (event) => socket.send(event.data);
  socket.onerror = () => {};
}

/** What all of them have in common. */
function site(pages: Pages): Pick<Running, "errors" | "handled"> & {
  options: SocketOptions;
  handler: Handler;
} {
  const errors: unknown[] = [];
  const handled: string[] = [];
  const options = {
    handshakeTimeout: 1_000,
    onError: (error: unknown): void => void errors.push(error),
  };
  const handler: Handler = async (request) => {
    handled.push(new URL(request.url).pathname);
    const page = await pages(request);
    if (page !== undefined) return page;
    const { socket, response } = upgrade(request);
    echo(socket);
    return response;
  };
  return { errors, handled, options, handler };
}

function served(name: string, engine: Engine, isSecure: boolean): NodeEntryPoint {
  const isNode = engine === "ws" || runtime.startsWith("node");
  return {
    name,
    isNode,
    isAttached: false,
    isSecure,
    async start(pages) {
      const { options, handler, errors, handled } = site(pages);
      const hub = await serve({ ...(isSecure ? SECURE : FREE), engine, ...options }, handler);
      const stop = async (): Promise<void> => void await hub.close({ deadline: 0 });
      const { port } = hub;
      return { hub, errors, handled, to: to(port, isSecure), port, http: undefined, stop };
    },
  };
}

function to(port: number, isSecure: boolean): () => Promise<TcpWire> {
  return isSecure
    ? () => TcpWire.through(connectTls({ port }, ["http/1.1"]), "secureConnect")
    : () => TcpWire.connect(port);
}

/** The same pages, as the user's own server has them. */
function listenerOf(pages: Pages): (...args: Parameters<RequestListener>) => Promise<void> {
  return async (incoming, reply) => {
    const page = await pages(createRequest(incoming, reply));
    if (page !== undefined) return await sendResponse(reply, page);
    const { socket, response } = upgradeNode(incoming);
    echo(socket);
    reply.setHeaders(response.headers).end();
  };
}

function attached(name: string, isSecure: boolean, isThrough: boolean): NodeEntryPoint {
  return {
    name,
    isNode: true,
    isAttached: true,
    isSecure,
    async start(pages) {
      const { options, handler, errors, handled } = site(pages);
      const app = listenerOf(pages);
      const listener: RequestListener = (incoming, reply) => {
        app(incoming, reply).catch((error) => {
          if (reply.headersSent) return void reply.destroy();
          const { status, headers } = error instanceof UpgradeError ? error : { status: 500 };
          reply.writeHead(status, headers).end(String(error));
        });
      };
      const http = isSecure
        ? createTlsServer({ key: KEY, cert: CERT }, listener)
        : createServer(listener);
      const routes = through(app);
      const hub = attach(http, (request, info) => {
        if (!isThrough) return handler(request, info);
        handled.push(new URL(request.url).pathname);
        return routes(request, info);
      }, options);
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      const { port } = http.address() as AddressInfo;
      const stop = async (): Promise<void> => {
        await hub.close({ deadline: 0 });
        http.closeAllConnections();
        http.close();
      };
      return { hub, errors, handled, to: to(port, isSecure), port, http, stop };
    },
  };
}

/** All ways to start a server here. */
export const nodeEntryPoints: readonly NodeEntryPoint[] = [
  ...engines.flatMap((engine) => [
    served(`serve()${by(engine)}`, engine, false),
    served(`serve() with tls${by(engine)}`, engine, true),
  ]),
  attached("attach()", false, false),
  attached("attach() to https", true, false),
  attached("attach() with through()", false, true),
];
