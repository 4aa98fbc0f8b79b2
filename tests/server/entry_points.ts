/** Every door through which requests come to a handler here, for tests that try all of them. @module */

import { type Handler, type Hub, serve, type SocketOptions } from "@isosocket/isosocket";
import { sendResponse } from "@remix-run/node-fetch-server";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { engines, FREE, SECURE, to } from "./places.ts";

/** A server behind a door. */
export interface Open extends AsyncDisposable {
  /** What its sockets have in common. */
  readonly hub: Hub;
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Connects to it. */
  connect(): Promise<TcpWire>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** A way to put a handler on the net. */
export interface EntryPoint {
  /** What tests call it. */
  readonly name: string;
  /** Who reads the requests: `"deno"` and `"bun"` with their own servers, or somebody's `node:http`. */
  readonly reader: string;
  /** The scheme of its URLs. */
  readonly scheme: "http" | "https";
  /** Whether the handler answers other requests than handshakes. */
  readonly hasPages: boolean;
  /** Whether `close()` of the hub ends the server too. */
  readonly endsServer: boolean;
  /** Starts a server, on a free port unless one is given. */
  open(handler: Handler, options?: OpenOptions): Promise<Open>;
}

/** Options of a server here. */
export interface OpenOptions extends SocketOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

declare const Deno: {
  serve(options: object, handler: unknown): {
    readonly addr: { readonly port: number };
    shutdown(): Promise<void>;
  };
};

declare const Bun: {
  serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> };
};

const NODE = runtime.startsWith("node") ? "node" : `node:http of ${runtime}`;

function serving(name: string, place: object, engine: "native" | "ws"): EntryPoint {
  const reader = runtime.startsWith("node") || engine === "ws" ? NODE : runtime;
  return {
    name,
    reader,
    scheme: place === SECURE ? "https" : "http",
    hasPages: true,
    endsServer: true,
    async open(handler, options) {
      const server = await serve({ ...place, engine, ...options }, handler);
      const close = async (): Promise<void> => void await server.close({ deadline: 0 });
      return opened(server, server.port, to(server), close);
    },
  };
}

function opened(
  hub: Hub,
  port: number,
  connect: () => Promise<TcpWire>,
  close: () => Promise<void>,
): Open {
  return { hub, port, connect, close, [Symbol.asyncDispose]: close };
}

function at(port: number): () => Promise<TcpWire> {
  return () => TcpWire.connect(port);
}

const wrapping: Omit<EntryPoint, "open"> = {
  name: "wrap()",
  reader: runtime,
  scheme: "http",
  hasPages: true,
  endsServer: false,
};

const denoDoor: EntryPoint = {
  ...wrapping,
  async open(handler, { port = 0, ...options } = {}) {
    const { wrap } = await import("@isosocket/isosocket/deno");
    const app = wrap(handler, options);
    const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, app);
    const close = async (): Promise<void> => {
      await app.close({ deadline: 0 });
      await server.shutdown();
    };
    return opened(app, server.addr.port, at(server.addr.port), close);
  },
};

const bunDoor: EntryPoint = {
  ...wrapping,
  async open(handler, { port = 0, ...options } = {}) {
    const { wrap } = await import("@isosocket/isosocket/bun");
    const fetch = wrap(handler, options);
    const where = { port, hostname: "127.0.0.1" };
    const server = Bun.serve({ ...where, fetch, websocket: fetch.websocket });
    const close = async (): Promise<void> => {
      await fetch.close({ deadline: 0 });
      await server.stop(true);
    };
    return opened(fetch, server.port, at(server.port), close);
  },
};

/** An app as people write them for `node:http`, whose routes are a handler. */
function appOf(...[handler, request, info]: [Handler, ...Parameters<Handler>]): RequestListener {
  return async (_incoming, reply) => await sendResponse(reply, await handler(request, info));
}

function attaching(name: string, isThrough: boolean): EntryPoint {
  return {
    name,
    reader: NODE,
    scheme: "http",
    hasPages: false,
    endsServer: false,
    async open(handler, { port = 0, ...options } = {}) {
      const { attach, through } = await import("@isosocket/isosocket/node");
      const http = createServer((_request, response) => response.end("a page of its own"));
      const answer: Handler = isThrough
        ? (request, info) => through(appOf(handler, request, info))(request, info)
        : handler;
      const hub = attach(http, answer, options);
      await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
      const close = async (): Promise<void> => {
        await hub.close({ deadline: 0 });
        const closed = new Promise((resolve) => http.close(resolve));
        http.closeAllConnections();
        await closed;
      };
      const { port: where } = http.address() as AddressInfo;
      return opened(hub, where, at(where), close);
    },
  };
}

/** Those that there are on this runtime, where the server sends what a handler returns. */
export const entryPoints: readonly EntryPoint[] = [
  ...engines.flatMap((engine) => [
    serving(`serve(), engine ${engine}`, FREE, engine),
    serving(`serve() over TLS, engine ${engine}`, SECURE, engine),
  ]),
  ...(runtime === "deno" ? [denoDoor] : runtime === "bun" ? [bunDoor] : []),
  attaching("attach()", false),
];

/** Those, and the one where an app of `node:http` sends it. */
export const entryPointsAndApps: readonly EntryPoint[] = [
  ...entryPoints,
  attaching("through()", true),
];
