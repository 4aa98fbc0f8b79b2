/** Starts a server that listens, on any runtime. @module */

import type { Diagnostics } from "./reports.ts";
import { ServerCore } from "./server_core.ts";
import { checkSocketOptionNames, type SocketOptions } from "./options.ts";
import type { Closed, CloseOptions, Hub } from "./hub.ts";
import {
  checkWhere,
  type Listen,
  LISTEN_OPTIONS,
  listenAt,
  type ListenOptions,
  serverUrl,
} from "./listening.ts";
import type { Engine } from "../core/dial.ts";
import type { LinkEvents } from "../core/link.ts";
import type { Handler } from "./handler.ts";

/** Options for `serve()`. */
export interface ServeOptions extends SocketOptions, ListenOptions {
  /**
   * Engine of the server: `"native"` is the runtime's own WebSocket server, `"tcp"` this package's own over
   * `node:http`. Node has no WebSocket server: there, both are `"tcp"`.
   *
   * On Deno, `"tcp"` adds compression, Ping frames, `maxPayload` applied before a message is complete,
   * the check that clients mask, and exact `terminate()` and 1006. Short messages in flight take a
   * fifth of the time, and idle connections a quarter of the memory. Pages take three times as long,
   * and there is no HTTP/2 under TLS. On Bun, it waits for the peer's answer to Close, and takes more
   * time and memory throughout. docs/engine.md has the figures.
   *
   * @default {"native"} On Deno `"tcp"` for options that its own server does not support:
   * {@linkcode SocketOptions.compression}, {@linkcode ListenOptions.reusePort}, and a certificate
   * on a unix socket.
   */
  engine?: Engine;
}

/** A server that listens. */
export interface Server extends Hub, AsyncDisposable {
  /**
   * URL of the server, for instance `"http://127.0.0.1:8080/"`; `"https://…"` with a certificate.
   * It can be passed to `connect()` on the same machine: of a server that listens on all addresses, it
   * has the one that is the machine's own, 127.0.0.1 or ::1. The URL of a unix socket has its path,
   * `"http+unix://%2Frun%2Fapp.sock/"`, and cannot be passed to `connect()`.
   */
  readonly url: string;
  /** Address or name of {@linkcode ListenOptions.hostname}; `""` for a unix socket. */
  readonly hostname: string;
  /** Port that the server listens on; 0 for a unix socket. */
  readonly port: number;
  /** Path of the unix socket that the server listens on; `undefined` for a port. */
  readonly unix: string | undefined;
  /**
   * Ends the server: refuses new sockets with 503, closes the existing ones, waits for their peers,
   * drops those that have not answered by the deadline, and stops listening. Nothing keeps the
   * process alive afterwards. Further calls return the same promise.
   */
  close(options?: CloseOptions): Promise<Closed>;
}

/** Functions of the platform that a server needs, whatever the runtime's HTTP server. */
export interface Platform {
  /** Receives reports beside the options' `onError`. */
  readonly diagnostics: Diagnostics;
  /**
   * Removes the file of a unix socket on which no process listens any more.
   *
   * @returns `true` if the path is free now.
   */
  readonly removeAbandoned: (path: string) => Promise<boolean>;
  /** Stands between the links of all sockets and those sockets, for who has to see Pings and Pongs. */
  readonly follow?: ((events: LinkEvents) => LinkEvents) | undefined;
}

/**
 * Checks the names of the options for `serve()`.
 *
 * @throws {TypeError} If there is an unknown one, or they are no object.
 */
export function checkServeOptions(options: ServeOptions): void {
  if (typeof options === "function") {
    throw new TypeError("Cannot serve: the options come first, and the handler second");
  }
  checkSocketOptionNames("serve", options, { ...LISTEN_OPTIONS, engine: 0 });
}

/**
 * Starts a server.
 *
 * @param listen Starts the runtime's HTTP server.
 */
export async function start(
  listen: Listen,
  options: ServeOptions,
  handler: Handler,
  platform: Platform,
): Promise<Server> {
  const { engine = "native" } = options;
  if (engine !== "native" && engine !== "tcp") {
    throw new TypeError(`Cannot serve with engine "${engine}": it must be "native" or "tcp"`);
  }
  const where = checkWhere(options);
  const core = new ServerCore(
    handler,
    options,
    platform.diagnostics,
    undefined,
    platform.follow,
  );
  const listening = await listenAt(listen, where, core, platform.removeAbandoned);
  const hub = core.hub(async (deadline) => {
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
