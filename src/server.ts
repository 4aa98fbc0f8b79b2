/** What servers have in common on all runtimes: their sockets, their errors, their end. @module */

import { ABNORMAL, checkClose } from "./close_code.ts";
import type { ConnectionOptions } from "./connection.ts";
import type { Socket } from "./socket.ts";
import { checkTimeout } from "./timeout.ts";
import type { Answering, Handler } from "./upgrade.ts";

/** What the sockets of a server have in common. */
export interface SocketOptions {
  /**
   * Told of what handlers and listeners throw. A listener's error also becomes an `error` event,
   * and closes that one socket with 1011.
   *
   * @default {console.error}
   */
  onError?: (error: unknown, socket?: Socket) => void;
  /**
   * How long a socket may take from `upgrade()` to its `open` event, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  handshakeTimeout?: number;
  /**
   * How long a peer may take to answer a Close frame, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  closeTimeout?: number;
}

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
}

/** How {@linkcode Server.close} goes about it. */
export interface CloseOptions {
  /**
   * The code in the Close frames.
   *
   * @default {1001}
   */
  code?: number;
  /**
   * The reason in the Close frames: up to 123 bytes of UTF-8.
   *
   * @default {""}
   */
  reason?: string;
  /**
   * How long to wait for the peers, in milliseconds; then their connections are dropped.
   *
   * @default {10000}
   */
  deadline?: number;
}

/** How a server's sockets ended. */
export interface Closed {
  /** How many ended with a closing handshake. */
  readonly closed: number;
  /** How many were lost or had to be dropped. */
  readonly terminated: number;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** Its address, for instance `"http://127.0.0.1:8080/"`. `connect()` takes it too. */
  readonly url: string;
  /** The address that it listens on. */
  readonly hostname: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Its sockets that are not CLOSED. */
  readonly sockets: ReadonlySet<Socket>;
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

/** How long `close()` waits, in milliseconds, unless it is told. */
const DEADLINE = 10_000;

/** The sockets of one server, and what becomes of them. */
export class Host implements Answering {
  readonly handler: Handler;
  readonly options: ConnectionOptions;
  readonly onError: (error: unknown) => void;
  readonly sockets: Set<Socket> = new Set();
  closing = false;

  #ended = { closed: 0, terminated: 0 };
  #emptied: (() => void) | undefined;

  /** Checks the options. */
  constructor(handler: Handler, options: SocketOptions = {}) {
    if (typeof handler !== "function") {
      throw new TypeError("Cannot serve: the handler must be a function");
    }
    const { handshakeTimeout = 10_000, closeTimeout = 10_000 } = options;
    const report = options.onError ?? ((error: unknown) => console.error(error));
    this.handler = handler;
    this.onError = (error) => guard(() => report(error));
    this.options = {
      role: "server",
      openTimeout: checkTimeout("handshakeTimeout", handshakeTimeout),
      closeTimeout: checkTimeout("closeTimeout", closeTimeout),
      onError: (error, socket) => guard(() => report(error, socket as Socket)),
      onEnd: (socket, code) => {
        this.sockets.delete(socket as Socket);
        this.#ended[code === ABNORMAL ? "terminated" : "closed"]++;
        if (this.sockets.size === 0) this.#emptied?.();
      },
    };
  }

  /** Closes all sockets, and takes no more. */
  async close(options: CloseOptions): Promise<Closed> {
    const { code = 1001, reason = "", deadline = DEADLINE } = options;
    this.closing = true;
    this.#ended = { closed: 0, terminated: 0 };
    for (const socket of this.sockets) socket.close(code, reason);
    await this.#empty(deadline);
    for (const socket of this.sockets) socket.terminate();
    await this.#empty();
    return this.#ended;
  }

  /** Waits until no socket is left, or for some milliseconds. */
  async #empty(milliseconds?: number): Promise<void> {
    if (this.sockets.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }
}

/** What a user's `onError` throws must not end the server either. */
function guard(report: () => void): void {
  try {
    report();
  } catch (error) {
    console.error(error);
  }
}

/**
 * Starts a server.
 *
 * @param listen The runtime's HTTP server.
 */
export async function start(
  listen: Listen,
  options: ServeOptions,
  handler: Handler,
): Promise<Server> {
  const { port = 8080, hostname = "0.0.0.0" } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Cannot listen on port ${port}: it must be between 0 and 65535`);
  }
  const host = new Host(handler, options);
  const listening = await listen({ port, hostname }, host).catch((error) => {
    throw explain(error, `${hostname}:${port}`);
  });
  let closed: Promise<Closed> | undefined;
  const close = async (how: CloseOptions): Promise<Closed> => {
    const begun = Date.now();
    const ended = await host.close(how);
    const left = Math.max(0, (how.deadline ?? DEADLINE) - (Date.now() - begun));
    const timer = setTimeout(() => listening.drop(), left);
    await listening.stop();
    clearTimeout(timer);
    return ended;
  };
  const reachable = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  const authority = reachable.includes(":") ? `[${reachable}]` : reachable;
  return {
    url: `http://${authority}:${listening.port}/`,
    hostname,
    port: listening.port,
    sockets: host.sockets,
    close(how = {}) {
      try {
        checkClose("server", how.code, how.reason);
        checkTimeout("deadline", how.deadline ?? DEADLINE);
      } catch (error) {
        return Promise.reject(error);
      }
      return closed ??= close(how);
    },
    [Symbol.asyncDispose]: async () => void await (closed ??= close({})),
  };
}

/** Says in words why a server cannot listen, whatever the runtime calls it. */
function explain(error: unknown, where: string): unknown {
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
