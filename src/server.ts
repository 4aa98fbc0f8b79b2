/** What servers have in common on all runtimes: where they listen, and how they end. @module */

import { type Diagnostics, Host, type SocketOptions } from "./host.ts";
import type { Closed, CloseOptions, Hub } from "./hub.ts";
import type { Answering, Handler } from "./upgrade.ts";

/** What carries a server's sockets: the runtime's own server, or the `ws` package. */
export type Engine = "native" | "ws";

/** Where and how `serve()` listens. */
export interface ServeOptions extends SocketOptions {
  /**
   * The port; 0 for any that is free.
   *
   * @default {8080}
   */
  port?: number;
  /**
   * The address to listen on.
   *
   * @default {"0.0.0.0"}
   */
  hostname?: string;
  /**
   * What carries the sockets: `"native"` is the runtime's own server, `"ws"` is `node:http` and the
   * `ws` package, which on Node is all that there is.
   *
   * Choose `"ws"` on Deno for compression, for Ping frames, for `maxPayload` before a message is
   * whole, for peers that must mask, and for `terminate()` and 1006 that are exact. With many
   * messages in flight it is also the quicker one there; with one at a time, the native one is. On
   * Bun, which has an implementation of `ws` of its own, it waits for the peer's answer to Close;
   * it is slower, and short of nothing else. The documentation has the numbers: "Engines" in
   * docs/deploying.md.
   *
   * @default {"native"} On Deno `"ws"` where {@linkcode SocketOptions.compression} is on.
   */
  engine?: Engine;
}

/** A server that listens. */
export interface Server extends Hub, AsyncDisposable {
  /** Its address, for instance `"http://127.0.0.1:8080/"`. `connect()` takes it too. */
  readonly url: string;
  /** The address that it listens on. */
  readonly hostname: string;
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Ends the server: refuses new sockets with 503, closes the present ones, waits for their peers,
   * drops those that have not answered at the deadline, and stops listening. Nothing of it keeps the
   * process alive afterwards. Further calls return the same promise.
   */
  close(options?: CloseOptions): Promise<Closed>;
}

/** A runtime's HTTP server at work. */
export interface Listening {
  /** The address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Stops listening. Resolves when the requests under way are answered. */
  stop(): Promise<unknown>;
  /** Drops what is left: then `stop()` resolves at once. */
  drop(): void;
}

/** Starts a runtime's HTTP server. */
export type Listen = (
  where: { readonly port: number; readonly hostname: string },
  answering: Answering,
) => Promise<Listening>;

/**
 * Starts a server.
 *
 * @param listen The runtime's HTTP server.
 * @param diagnostics Who watches.
 */
export async function start(
  listen: Listen,
  options: ServeOptions,
  handler: Handler,
  diagnostics?: Diagnostics,
): Promise<Server> {
  const { port = 8080, hostname = "0.0.0.0", engine = "native" } = options;
  if (engine !== "native" && engine !== "ws") {
    throw new TypeError(`Cannot serve with engine "${engine}": it must be "native" or "ws"`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Cannot listen on port ${port}: it must be between 0 and 65535`);
  }
  const host = new Host(handler, options, diagnostics);
  const listening = await listen({ port, hostname }, host).catch((error) => {
    throw explain(error, `${hostname}:${port}`);
  });
  const hub = host.hub(async (deadline) => {
    const timer = setTimeout(() => listening.drop(), deadline);
    await listening.stop();
    clearTimeout(timer);
  });
  const reachable = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  const authority = reachable.includes(":") ? `[${reachable}]` : reachable;
  return {
    url: `http://${authority}:${listening.port}/`,
    hostname,
    port: listening.port,
    ...hub,
    [Symbol.asyncDispose]: async () => void await hub.close(),
  };
}

/** Says in words why a server cannot listen, whatever the runtime calls it. */
function explain(error: unknown, where: string): unknown {
  if (error instanceof DOMException) return error; // it is not about the address
  const { code, name } = error as { code?: string; name?: string };
  const why = code === "EADDRINUSE" || name === "AddrInUse"
    ? "the port is in use"
    : code === "EACCES" || name === "PermissionDenied"
    ? "the system does not allow it"
    : code === "EADDRNOTAVAIL" || name === "AddrNotAvailable"
    ? "this machine has no such address"
    : String((error as Error).message);
  return Object.assign(new Error(`Cannot listen on ${where}: ${why}`, { cause: error }), { code });
}
