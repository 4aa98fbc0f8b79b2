/** Clients that trust the certificate authority of the tests, with each engine. @module */

import { connect, type ConnectOptions, type Engine, type Socket } from "@isosocket/isosocket";
import tls from "node:tls";
import type { WebSocketClass } from "../../src/adapters/web/dial.ts";
import { runtime } from "../runtime.ts";
import { authority } from "./certificates.ts";

declare const Deno: { createHttpClient(options: { caCerts: string[] }): { close(): void } };

/** The engines of this runtime: Node 20 has no `WebSocket` of its own. */
export const ENGINES: readonly Engine[] = runtime === "node 20" ? ["tcp"] : ["native", "tcp"];

/** Returns a class that passes Deno's option `client`, by which Deno's own `WebSocket` trusts. */
function trustingClass(): WebSocketClass {
  const client = Deno.createHttpClient({ caCerts: [authority] });
  const Platform = globalThis.WebSocket as unknown as new (
    url: string,
    options: object,
  ) => WebSocket;
  return class extends Platform {
    constructor(url: string, second: string[] | object) {
      super(url, { ...(Array.isArray(second) ? { protocols: second } : second), client });
    }
  } as unknown as WebSocketClass;
}

let trusting: WebSocketClass | undefined;

/** Connects, over TLS or without. */
export function connectTo(url: string, options: ConnectOptions = {}): Socket {
  if (!url.startsWith("wss:") || options.tls !== undefined) return connect(url, options);
  if (options.engine !== "native" || runtime === "bun") {
    return connect(url, { ...options, tls: { ca: authority } });
  }
  if (runtime === "deno") {
    return connect(url, { ...options, WebSocket: trusting ??= trustingClass() });
  }
  const { setDefaultCACertificates } = tls as { setDefaultCACertificates?(ca: string[]): void };
  setDefaultCACertificates?.([...tls.rootCertificates, authority]);
  return connect(url, options);
}
