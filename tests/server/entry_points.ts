/** Every way to start a server on this runtime, for tests that try all of them. @module */

import {
  type Engine,
  type Handler,
  type Hub,
  type ListenOptions,
  serve,
  type SocketOptions,
} from "@isosocket/isosocket";
import { sendResponse } from "@remix-run/node-fetch-server";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { CERT, KEY } from "./certificate.ts";
import { by, connectTls, engines, FREE, SECURE } from "./places.ts";

/** A server behind an entry point. */
export interface Open extends AsyncDisposable {
  /** The hub of its sockets. */
  readonly hub: Hub;
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Connects to it. */
  connect(): Promise<TcpWire>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** A way to start a server. */
export interface EntryPoint {
  /** Its name in the titles of tests. */
  readonly name: string;
  /** Reader of the requests: `"deno"` and `"bun"` for their own servers, or some runtime's `node:http`. */
  readonly reader: string;
  /** Whether `node:http` is below. */
  readonly isNode: boolean;
  /** Whether clients need TLS. */
  readonly isSecure: boolean;
  /** Whether the handler answers other requests than handshakes, and not the user's own server. */
  readonly hasPages: boolean;
  /** Whether an app of `node:http` sends what the handler returns. */
  readonly isThrough: boolean;
  /** Whether `close()` of the hub ends the server too. */
  readonly endsServer: boolean;
  /** Why `onError` is not called for a body that fails while it is sent; `undefined` if it is. */
  readonly unreported: string | undefined;
  /**
   * Starts a server.
   *
   * @param own What the user's own server does, where it is one of `node:http`.
   */
  open(handler: Handler, options?: OpenOptions, own?: OwnServer): Promise<Open>;
}

/** Options for a server here. By default, `onRefuse` is `false`: most tests refuse on purpose. */
export interface OpenOptions extends SocketOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A server of `node:http` that is the user's own. */
export interface OwnServer {
  /** Answers requests that are no handshakes. Default: a page. */
  readonly listener: RequestListener;
  /** Answers handshakes behind `through()`. Default: an app whose routes are the handler. */
  readonly app: RequestListener;
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

/** Reason for which the runtime's own server does not report a body that fails. */
const BUN_REPORTS_NONE = runtime === "bun"
  ? "Bun reports no body that fails, and a body cannot be seen to be a stream"
  : undefined;

const isOnNode = runtime.startsWith("node");
const NODE = isOnNode ? "node" : `node:http of ${runtime}`;

function opened(hub: Hub, port: number, isSecure: boolean, close: () => Promise<void>): Open {
  const connect = isSecure
    ? () => TcpWire.through(connectTls({ port }, ["http/1.1"]), "secureConnect")
    : () => TcpWire.connect(port);
  return { hub, port, connect, close, [Symbol.asyncDispose]: close };
}

function serving(name: string, place: ListenOptions, engine: Engine): EntryPoint {
  const isNode = isOnNode || engine === "tcp";
  const isSecure = place === SECURE;
  return {
    name: `${name}${by(engine)}`,
    reader: isNode ? NODE : runtime,
    isNode,
    isSecure,
    hasPages: true,
    isThrough: false,
    endsServer: true,
    unreported: isNode ? undefined : BUN_REPORTS_NONE,
    async open(handler, options) {
      const server = await serve({ ...place, engine, onRefuse: false, ...options }, handler);
      const close = async (): Promise<void> => void await server.close({ deadline: 0 });
      return opened(server, server.port, isSecure, close);
    },
  };
}

const wrapping: Omit<EntryPoint, "open"> = {
  name: "wrap()",
  reader: runtime,
  isNode: false,
  isSecure: false,
  hasPages: true,
  isThrough: false,
  endsServer: false,
  unreported: BUN_REPORTS_NONE ??
    "Deno calls the onError option of the server, which is the user's",
};

const denoWrap: EntryPoint = {
  ...wrapping,
  async open(handler, { port = 0, ...options } = {}) {
    const { wrap } = await import("@isosocket/isosocket/deno");
    const app = wrap(handler, { onRefuse: false, ...options });
    const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, app);
    const close = async (): Promise<void> => {
      await app.close({ deadline: 0 });
      await server.shutdown();
    };
    return opened(app, server.addr.port, false, close);
  },
};

const bunWrap: EntryPoint = {
  ...wrapping,
  async open(handler, { port = 0, ...options } = {}) {
    const { wrap } = await import("@isosocket/isosocket/bun");
    const fetch = wrap(handler, { onRefuse: false, ...options });
    const where = { port, hostname: "127.0.0.1" };
    const server = Bun.serve({ ...where, fetch, websocket: fetch.websocket });
    const close = async (): Promise<void> => {
      await fetch.close({ deadline: 0 });
      await server.stop(true);
    };
    return opened(fetch, server.port, false, close);
  },
};

/** An app as people write them for `node:http`, whose routes are a handler. */
function appOf(...[handler, request, info]: [Handler, ...Parameters<Handler>]): RequestListener {
  return async (_incoming, reply) => await sendResponse(reply, await handler(request, info));
}

function attaching(name: string, { isSecure = false, isThrough = false } = {}): EntryPoint {
  return {
    name,
    reader: NODE,
    isNode: true,
    isSecure,
    hasPages: false,
    isThrough,
    endsServer: false,
    unreported: undefined,
    async open(handler, { port = 0, ...options } = {}, own) {
      const { attach, through } = await import("@isosocket/isosocket/node");
      const listener: RequestListener = own?.listener ??
        ((_request, response) => response.end("a page of its own"));
      const http = isSecure
        ? createTlsServer({ key: KEY, cert: CERT }, listener)
        : createServer(listener);
      const answer: Handler = (request, info) =>
        through(own?.app ?? appOf(handler, request, info))(request, info);
      const hub = attach(http, isThrough ? answer : handler, { onRefuse: false, ...options });
      await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
      const close = async (): Promise<void> => {
        await hub.close({ deadline: 0 });
        const closed = new Promise((resolve) => http.close(resolve));
        http.closeAllConnections();
        await closed;
      };
      return opened(hub, (http.address() as AddressInfo).port, isSecure, close);
    },
  };
}

/** All entry points of this runtime. */
export const allEntryPoints: readonly EntryPoint[] = [
  ...engines.flatMap((engine) => [
    serving("serve()", FREE, engine),
    serving("serve() with tls", SECURE, engine),
  ]),
  ...(runtime === "deno" ? [denoWrap] : runtime === "bun" ? [bunWrap] : []),
  attaching("attach()"),
  attaching("attach() to https", { isSecure: true }),
  attaching("attach() with through()", { isThrough: true }),
];

/** The same, with `attach()` to a server without TLS only. */
export const entryPointsAndApps: readonly EntryPoint[] = allEntryPoints.filter((
  { hasPages, isSecure },
) => hasPages || !isSecure);

/** Those where the server sends what a handler returns. */
export const entryPoints: readonly EntryPoint[] = entryPointsAndApps.filter(({ isThrough }) =>
  !isThrough
);

/** Those without TLS, where the server sends what a handler returns: they can stand behind a proxy. */
export const plainEntryPoints: readonly EntryPoint[] = entryPoints.filter(({ isSecure }) =>
  !isSecure
);
