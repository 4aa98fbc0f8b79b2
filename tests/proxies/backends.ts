/** Servers to stand behind proxies: by each entry point that this runtime has. @module */

import { type Handler, type Hub, serve, type SocketOptions } from "@isosocket/isosocket";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runtime } from "../runtime.ts";
import { by, engines } from "../server/places.ts";

declare const Deno: {
  serve(options: object, handler: unknown): {
    readonly addr: { readonly port: number };
    shutdown(): Promise<void>;
  };
};

declare const Bun: {
  serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> };
};

/** A server behind a proxy. */
export interface Backend extends AsyncDisposable {
  readonly port: number;
  readonly hub: Pick<Hub, "sockets" | "close">;
}

/** A way to make one. */
export interface Entry {
  readonly name: string;
  /** Whether its handler gets pages too, and not handshakes alone. */
  readonly pages: boolean;
  start(handler: Handler, options?: SocketOptions & { readonly port?: number }): Promise<Backend>;
}

const HOSTNAME = "127.0.0.1";

const served: Entry[] = engines.map((engine) => ({
  name: `serve()${by(engine)}`,
  pages: true,
  async start(handler, options = {}) {
    const server = await serve({ port: 0, ...options, hostname: HOSTNAME, engine }, handler);
    return {
      port: server.port,
      hub: server,
      [Symbol.asyncDispose]: async () => void await server.close({ deadline: 0 }),
    };
  },
}));

const wrapped: Entry[] = runtime === "deno"
  ? [{
    name: "wrap()",
    pages: true,
    async start(handler, { port = 0, ...options } = {}) {
      const { wrap } = await import("@isosocket/isosocket/deno");
      const hub = wrap(handler, options);
      const server = Deno.serve({ port, hostname: HOSTNAME, onListen() {} }, hub);
      return {
        port: server.addr.port,
        hub,
        async [Symbol.asyncDispose]() {
          await hub.close({ deadline: 0 });
          await server.shutdown();
        },
      };
    },
  }]
  : runtime === "bun"
  ? [{
    name: "wrap()",
    pages: true,
    async start(handler, { port = 0, ...options } = {}) {
      const { wrap } = await import("@isosocket/isosocket/bun");
      const fetch = wrap(handler, options);
      const server = Bun.serve({ port, hostname: HOSTNAME, fetch, websocket: fetch.websocket });
      return {
        port: server.port,
        hub: fetch,
        async [Symbol.asyncDispose]() {
          await fetch.close({ deadline: 0 });
          await server.stop(true);
        },
      };
    },
  }]
  : [];

const attached: Entry = {
  name: "attach()",
  pages: false,
  async start(handler, { port = 0, ...options } = {}) {
    const { attach } = await import("@isosocket/isosocket/node");
    const http = createServer((_request, response) => response.end("a page of its own"));
    const hub = attach(http, handler, options);
    await new Promise<void>((resolve) => http.listen(port, HOSTNAME, resolve));
    return {
      port: (http.address() as AddressInfo).port,
      hub,
      async [Symbol.asyncDispose]() {
        await hub.close({ deadline: 0 });
        const closed = new Promise((resolve) => http.close(resolve));
        http.closeAllConnections();
        await closed;
      },
    };
  },
};

/** All ways that this runtime has. */
export const entries: readonly Entry[] = [...served, ...wrapped, attached];
