/** What servers have in common on all runtimes: where they listen, and how they end. @module */

import { type Diagnostics, ServerCore, type SocketOptions } from "./server_core.ts";
import type { Closed, CloseOptions, Hub } from "./hub.ts";
import { checkWhere, type Listen, listenAt, type ListenOptions, serverUrl } from "./listening.ts";
import type { Engine } from "../core/dial.ts";
import type { Handler } from "./upgrade.ts";

/** Where and how `serve()` listens. */
export interface ServeOptions extends SocketOptions, ListenOptions {
  /**
   * What carries the sockets: `"native"` is the runtime's own server, `"ws"` is `node:http` and the
   * `ws` package, which on Node is all that there is.
   *
   * Choose `"ws"` on Deno for compression, for Ping frames, for `maxPayload` before a message is
   * whole, for clients that must mask, and for `terminate()` and 1006 that are exact. Many short
   * messages in flight take half the time there, and idle connections half the memory; one at a time
   * they take longer, and long ones twice as long; and `ws` asks for `--allow-env`. On Bun, which has
   * a `ws` of its own, it waits for the peer's answer to Close, and takes more of everything.
   * "Engines" in docs/deploying.md has the numbers.
   *
   * @default {"native"} On Deno `"ws"` where its own server cannot do what is asked for: with
   * {@linkcode SocketOptions.compression} or {@linkcode ListenOptions.reusePort}, or with a
   * certificate on a unix socket.
   */
  engine?: Engine;
}

/** A server that listens. */
export interface Server extends Hub, AsyncDisposable {
  /**
   * Its address, for instance `"http://127.0.0.1:8080/"`, with a certificate `"https://…"`.
   * `connect()` takes it too. That of a unix socket, where `connect()` cannot go, has the path:
   * `"http+unix://%2Frun%2Fapp.sock/"`.
   */
  readonly url: string;
  /** The address or name that it was told to listen on; `""` for a unix socket. */
  readonly hostname: string;
  /** The port that it listens on; 0 for a unix socket. */
  readonly port: number;
  /** The path of the unix socket that it listens on. */
  readonly unix: string | undefined;
  /**
   * Ends the server: refuses new sockets with 503, closes the present ones, waits for their peers,
   * drops those that have not answered at the deadline, and stops listening. Nothing of it keeps the
   * process alive afterwards. Further calls return the same promise.
   */
  close(options?: CloseOptions): Promise<Closed>;
}

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
  const { engine = "native" } = options;
  if (engine !== "native" && engine !== "ws") {
    throw new TypeError(`Cannot serve with engine "${engine}": it must be "native" or "ws"`);
  }
  const where = checkWhere(options);
  const host = new ServerCore(handler, options, diagnostics);
  const listening = await listenAt(listen, where, host);
  const hub = host.hub(async (deadline) => {
    const timer = setTimeout(() => listening.drop(), deadline);
    await listening.stop();
    clearTimeout(timer);
  });
  const { unix, hostname } = where;
  return {
    url: serverUrl(where, listening.port),
    hostname: unix === undefined ? hostname : "",
    port: listening.port,
    unix,
    ...hub,
    [Symbol.asyncDispose]: async () => void await hub.close(),
  };
}
