/** Every door through which requests come to a handler here, for tests that try all of them. @module */

import { type Handler, type Hub, serve, type SocketOptions } from "@isosocket/isosocket";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TcpWire } from "../far/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { engines, FREE, SECURE, to } from "./places.ts";

/** A server behind a door. */
export interface Open {
  /** What its sockets have in common. */
  readonly hub: Hub;
  /** Connects to it. */
  connect(): Promise<TcpWire>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** A way to put a handler on the net. */
export interface Door {
  /** What tests call it. */
  readonly name: string;
  /** Who reads the requests: `"deno"` and `"bun"` with their own servers, or somebody's `node:http`. */
  readonly reader: string;
  /** The scheme of its URLs. */
  readonly scheme: "http" | "https";
  /** Whether the handler answers other requests than handshakes. */
  readonly hasPages: boolean;
  /** Starts a server. */
  open(handler: Handler, options?: SocketOptions): Promise<Open>;
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

function serving(name: string, place: object, engine: "native" | "ws"): Door {
  const reader = runtime.startsWith("node") || engine === "ws" ? NODE : runtime;
  return {
    name,
    reader,
    scheme: place === SECURE ? "https" : "http",
    hasPages: true,
    async open(handler, options) {
      const server = await serve({ ...place, engine, ...options }, handler);
      const close = async (): Promise<void> => void await server.close({ deadline: 0 });
      return { hub: server, connect: to(server), close };
    },
  };
}

function at(port: number): () => Promise<TcpWire> {
  return () => TcpWire.connect(port);
}

const wrapping: Omit<Door, "open"> = {
  name: "wrap()",
  reader: runtime,
  scheme: "http",
  hasPages: true,
};

const denoDoor: Door = {
  ...wrapping,
  async open(handler, options) {
    const { wrap } = await import("@isosocket/isosocket/deno");
    const app = wrap(handler, options);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app);
    const close = async (): Promise<void> => {
      await app.close({ deadline: 0 });
      await server.shutdown();
    };
    return { hub: app, connect: at(server.addr.port), close };
  },
};

const bunDoor: Door = {
  ...wrapping,
  async open(handler, options) {
    const { wrap } = await import("@isosocket/isosocket/bun");
    const fetch = wrap(handler, options);
    const where = { port: 0, hostname: "127.0.0.1" };
    const server = Bun.serve({ ...where, fetch, websocket: fetch.websocket });
    const close = async (): Promise<void> => {
      await fetch.close({ deadline: 0 });
      await server.stop(true);
    };
    return { hub: fetch, connect: at(server.port), close };
  },
};

const attachDoor: Door = {
  name: "attach()",
  reader: NODE,
  scheme: "http",
  hasPages: false,
  async open(handler, options) {
    const { attach } = await import("@isosocket/isosocket/node");
    const http = createServer((_request, response) => response.end("a page"));
    const hub = attach(http, handler, options);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const close = async (): Promise<void> => {
      await hub.close({ deadline: 0 });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    };
    return { hub, connect: at((http.address() as AddressInfo).port), close };
  },
};

/** Those that there are on this runtime. */
export const doors: readonly Door[] = [
  ...engines.flatMap((engine) => [
    serving(`serve(), engine ${engine}`, FREE, engine),
    serving(`serve() over TLS, engine ${engine}`, SECURE, engine),
  ]),
  ...(runtime === "deno" ? [denoDoor] : runtime === "bun" ? [bunDoor] : []),
  attachDoor,
];
