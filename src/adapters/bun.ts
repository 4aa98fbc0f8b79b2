/**
 * Sockets on `Bun.serve`.
 *
 * Use this door where the server is yours: `Bun.serve({ fetch: wrap(handler), websocket })`.
 * Otherwise take `serve()` from the main door.
 *
 * @module
 */

import { ABNORMAL, NO_STATUS } from "../close_code.ts";
import type { Bytes, Link, LinkEvents } from "../link.ts";
import { Host, type Listening, type SocketOptions } from "../server.ts";
import { type Acceptance, answer, type Answering, type Handler } from "../upgrade.ts";

export { UpgradeError } from "../handshake.ts";
export { upgrade } from "../upgrade.ts";

/** The part of Bun's `ServerWebSocket` that is used here. */
export interface BunSocket {
  /** What was given to `server.upgrade()`. */
  readonly data: unknown;
  /** What `message` is called with for binary. */
  binaryType?: "arraybuffer" | "nodebuffer" | "uint8array" | "blob" | undefined;
  /** Sends a message. */
  send(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): number;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Drops the connection. */
  terminate(): void;
  /** Bytes that wait. */
  getBufferedAmount(): number;
}

/** The part of Bun's `Server` that is used here. */
export interface BunServer {
  /** Completes the opening handshake. */
  upgrade(request: Request, options: { data: unknown; headers: Headers }): boolean;
  /** The address of the peer. */
  requestIP(request: Request): { readonly address: string } | null;
}

/** A handler for the `fetch` option of `Bun.serve`. */
export type BunFetch = (request: Request, server: BunServer) => Promise<Response | undefined>;

/** The part of the `Bun` namespace that is used here. */
declare const Bun: {
  serve(options: object): BunServer & {
    readonly hostname: string;
    readonly port: number;
    stop(closeConnections: boolean): Promise<void>;
  };
};

class BunLink implements Link {
  readonly events: LinkEvents;
  readonly protocol: string;
  socket!: BunSocket;

  constructor(events: LinkEvents, protocol: string) {
    this.events = events;
    this.protocol = protocol;
  }

  get bufferedAmount(): number {
    return this.socket.getBufferedAmount();
  }

  send(data: string | Bytes): void {
    this.socket.send(data);
  }

  close(code: number = NO_STATUS, reason?: string): void {
    this.socket.close(code, reason); // Bun writes an empty Close frame for 1005, and 1000 for nothing
  }

  terminate(): void {
    this.socket.terminate();
  }
}

/** What `Bun.serve` calls for each event of a connection. */
export interface BunWebSocketHandlers {
  /** Bun's own limit beyond which it drops messages without a word: none. */
  readonly backpressureLimit: 0;
  /** The longest message, in bytes. */
  readonly maxPayloadLength: number;
  /** The connection is established. */
  open(socket: BunSocket): void;
  /** A message arrived. */
  message(socket: BunSocket, data: unknown): void;
  /** The connection is gone. */
  close(socket: BunSocket, code: number, reason: string): void;
}

/** The `websocket` option for `Bun.serve`. */
export const websocket: BunWebSocketHandlers = {
  backpressureLimit: 0,
  maxPayloadLength: 16 * 1024 * 1024,

  open(socket) {
    const link = socket.data as BunLink;
    socket.binaryType = "arraybuffer";
    link.socket = socket;
    link.events.opened(link, link.protocol, "");
  },

  message(socket, data) {
    (socket.data as BunLink).events.received(data as string | ArrayBuffer);
  },

  close(socket, code, reason) {
    const { events } = socket.data as BunLink;
    if (code !== ABNORMAL) events.closed(code, reason);
    else events.failed(reason === "" ? undefined : new Error(reason));
  },
};

function accept(
  request: Request,
  server: BunServer,
  { events, protocol, headers }: Acceptance,
): undefined | false {
  // An empty value keeps Bun from choosing the first one that the client offers.
  headers.set("sec-websocket-protocol", protocol);
  const data = new BunLink(events, protocol);
  return server.upgrade(request, { data, headers }) ? undefined : false;
}

function handle(answering: Answering): BunFetch {
  return (request, server) => {
    const info = { remoteAddress: server.requestIP(request)?.address, httpVersion: undefined };
    return answer(answering, request, info, (acceptance) => accept(request, server, acceptance));
  };
}

/**
 * Makes a `fetch` for `Bun.serve` out of a handler that may call {@linkcode upgrade}. It needs
 * {@linkcode websocket} beside it: `Bun.serve({ fetch: wrap(handler), websocket })`.
 */
export function wrap(handler: Handler, options?: SocketOptions): BunFetch {
  return handle(new Host(handler, options));
}

/**
 * Starts Bun's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export function listen(
  where: { readonly port: number; readonly hostname: string },
  answering: Answering,
): Promise<Listening> {
  try {
    const server = Bun.serve({ ...where, fetch: handle(answering), websocket });
    const { hostname, port } = server;
    return Promise.resolve({
      hostname,
      port,
      stop: () => server.stop(false),
      drop: () => void server.stop(true),
    });
  } catch (error) {
    return Promise.reject(error);
  }
}
