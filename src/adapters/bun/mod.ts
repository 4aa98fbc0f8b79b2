/**
 * Sockets on `Bun.serve`.
 *
 * Use this door where the server is yours: `Bun.serve({ fetch: wrap(handler), websocket })`.
 * Otherwise take `serve()` from the main door.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { platform } from "node:os";
import { ABNORMAL, NO_STATUS } from "../../core/close_code.ts";
import { reaches } from "../../handshake/compression.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { SocketOptions } from "../../server/options.ts";
import type { Hub } from "../../server/hub.ts";
import type { Broadcast, Bytes, Link, LinkEvents } from "../../core/link.ts";
import { type Listening, unsupported, type Where } from "../../server/listening.ts";
import { type Watch, watchSignal } from "../../server/handler_wait.ts";
import { plain } from "../../server/response.ts";
import { answer } from "../../server/answer.ts";
import type { Acceptance, Handler, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";
import { wrongRuntime } from "../wrong_runtime.ts";

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { upgrade } from "../../server/upgrade.ts";

/** The part of Bun's `ServerWebSocket` that is used here. */
export interface BunSocket {
  /** What was given to `server.upgrade()`. */
  readonly data: unknown;
  /** What `message` is called with for binary. */
  binaryType?: "arraybuffer" | "nodebuffer" | "uint8array" | "blob" | undefined;
  /** Sends a message. */
  send(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>, compress: boolean): number;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Drops the connection. */
  terminate(): void;
  /** Bytes that wait. */
  getBufferedAmount(): number;
  /** Sends a Ping frame. */
  ping(): number;
  /** Subscribes to a topic. */
  subscribe(topic: string): unknown;
  /** Ends a subscription. */
  unsubscribe(topic: string): unknown;
  /** Sends a message to all subscribers of a topic but this socket. */
  publish(
    topic: string,
    data: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
    compress: boolean,
  ): number;
  /** Stops reading. */
  pause(): void;
  /** Reads again. */
  resume(): void;
}

/** The part of Bun's `Server` that is used here. */
export interface BunServer {
  /** Completes the opening handshake. */
  upgrade(request: Request, options: { data: unknown; headers: Headers }): boolean;
  /** The address of the peer. */
  requestIP(request: Request): { readonly address: string } | null;
  /** Sends a message to all subscribers of a topic. */
  publish(
    topic: string,
    data: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
    compress: boolean,
  ): number;
  /** `"https"` with a certificate. */
  readonly protocol?: string | null;
}

/** A handler for the `fetch` option of `Bun.serve`. */
export type BunFetch = (request: Request, server: BunServer) => Promise<Response | undefined>;

/** The part of the `Bun` namespace that is used here. */
declare const Bun: {
  serve(options: object): BunServer & {
    readonly port?: number;
    stop(closeConnections: boolean): Promise<void>;
  };
};

/** Up to so many messages, each shorter than that, wait for one socket until a tick is over. */
const HELD_MESSAGES = 32;
const HELD_LENGTH = 16 * 1024;

/** The topics of one of Bun's servers. */
class BunTopics implements Broadcast {
  static readonly #all: WeakMap<BunServer, BunTopics> = new WeakMap();
  readonly hidden = HELD_MESSAGES * HELD_LENGTH;
  /** Bytes from which on a message is compressed, for peers that can read it. */
  readonly threshold: number;
  readonly #server: BunServer;

  private constructor(server: BunServer, threshold: number) {
    this.#server = server;
    this.threshold = threshold;
  }

  static of(server: BunServer, threshold: number): BunTopics {
    let topics = BunTopics.#all.get(server);
    if (topics === undefined) BunTopics.#all.set(server, topics = new BunTopics(server, threshold));
    return topics;
  }

  publish(topic: string, data: string | Bytes, except: BunLink | undefined): boolean {
    const from = except?.socket ?? this.#server;
    return from.publish(topic, data, reaches(data, this.threshold)) < 0; // bytes wait for somebody
  }
}

class BunLink implements Link {
  readonly events: LinkEvents;
  readonly protocol: string;
  readonly broadcast: BunTopics;
  socket!: BunSocket;
  /** Something may wait: else there is no need to ask. */
  #waits = false;
  /** Topics that Bun publishes to it, without telling how much waits then. */
  #joined = 0;
  /** What `close()` was called with, while something waits. */
  #close: [code: number, reason: string | undefined] | undefined;

  constructor(events: LinkEvents, protocol: string, broadcast: BunTopics) {
    this.events = events;
    this.protocol = protocol;
    this.broadcast = broadcast;
  }

  get bufferedAmount(): number {
    if (!this.#waits && this.#joined === 0) return 0;
    const amount = this.socket.getBufferedAmount();
    this.#waits = amount > 0;
    return amount;
  }

  send(data: string | Bytes): void {
    if (this.socket.send(data, reaches(data, this.broadcast.threshold)) < 0) this.#waits = true;
  }

  join(topic: string): void {
    this.socket.subscribe(topic);
    this.#joined++;
  }

  part(topic: string): void {
    this.socket.unsubscribe(topic);
    this.#joined--;
    this.#waits = true;
  }

  ping(): void {
    this.socket.ping();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /**
   * Four seconds after its own `close()`, Bun drops what has not left, and the Close frame behind it:
   * so that waits here, where the core has a time limit.
   */
  close(code: number = NO_STATUS, reason?: string): void {
    this.#close = [code, reason]; // Bun writes an empty Close frame for 1005, and 1000 for nothing
    this.drained();
  }

  /** Some of what waited has left. */
  drained(): void {
    if (this.#close === undefined || this.bufferedAmount > 0) return;
    const close = this.#close;
    this.#close = undefined;
    this.socket.close(...close);
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
  /** Whether compression is agreed to. */
  readonly perMessageDeflate: boolean;
  /** Bun's own: none, since sockets have a heartbeat without it. */
  readonly idleTimeout: 0;
  /** Bun's own: no. */
  readonly sendPings: false;
  /** Whether what a socket publishes comes back to it: no, since that is how one is left out. */
  readonly publishToSelf: false;
  /** The connection is established. */
  open(socket: BunSocket): void;
  /** A message arrived. */
  message(socket: BunSocket, data: unknown): void;
  /** Some of what waited has left. */
  drain(socket: BunSocket): void;
  /** A Ping frame arrived; Bun answers it. */
  ping(socket: BunSocket): void;
  /** A Pong frame arrived. */
  pong(socket: BunSocket): void;
  /** The connection is gone. */
  close(socket: BunSocket, code: number, reason: string): void;
}

/**
 * The `websocket` option for `Bun.serve`, for any limits: Bun refuses messages of more than 16 MiB
 * before they are whole, and the sockets' own `maxPayload` is applied to what is whole. Nothing is
 * compressed. {@linkcode wrap} gives the one for its own options.
 */
export const websocket: BunWebSocketHandlers = {
  backpressureLimit: 0,
  maxPayloadLength: 16 * 1024 * 1024,
  perMessageDeflate: false,
  idleTimeout: 0,
  sendPings: false,
  publishToSelf: false,

  open(socket) {
    const link = socket.data as BunLink;
    socket.binaryType = "arraybuffer";
    link.socket = socket;
    link.events.opened(link, link.protocol, "");
  },

  message(socket, data) {
    (socket.data as BunLink).events.received(data as string | ArrayBuffer);
  },

  drain(socket) {
    (socket.data as BunLink).drained();
  },

  ping: heard,
  pong: heard,

  close(socket, code, reason) {
    const { events } = socket.data as BunLink;
    if (code !== ABNORMAL) events.closed(code, reason);
    else events.failed(reason === "" ? undefined : new Error(reason));
  },
};

function heard({ data }: BunSocket): void {
  (data as BunLink).events.heard();
}

function accept(
  request: Request,
  server: BunServer,
  threshold: number,
  { events, protocol, headers }: Acceptance,
): undefined | false {
  // An empty value keeps Bun from choosing the first one that the client offers.
  headers.set("sec-websocket-protocol", protocol);
  const data = new BunLink(events, protocol, BunTopics.of(server, threshold));
  return server.upgrade(request, { data, headers }) ? undefined : false;
}

/** Where a request names no host, or what is none, Bun leaves the target as it came for a URL. */
function complete(request: Request, { protocol }: BunServer): void {
  const value = `${protocol ?? "http"}://localhost${request.url}`;
  Object.defineProperty(request, "url", { value });
}

function handlersFor({ limits, compression }: UpgradeContext): BunWebSocketHandlers {
  return {
    ...websocket,
    maxPayloadLength: limits.maxPayload,
    perMessageDeflate: compression !== undefined,
  };
}

function handle(answering: UpgradeContext): BunFetch {
  const threshold = answering.compression?.threshold ?? Infinity;
  return (request, server) => {
    if (request.url.startsWith("/")) complete(request, server);
    const info = { remoteAddress: server.requestIP(request)?.address, httpVersion: undefined };
    const watch: Watch = (left) => watchSignal(request.signal)(left); // made only if it is needed
    const accepted = (it: Acceptance) => accept(request, server, threshold, it);
    return answer(answering, request, { info, accept: accepted, watch, isBodyLocked });
  };
}

/** What {@linkcode wrap} gives: a `fetch`, and what can be done with its sockets. */
export interface BunApp extends BunFetch, Hub {
  /** The `websocket` option that belongs to it: Bun keeps its `maxPayload` and `compression`. */
  readonly websocket: BunWebSocketHandlers;
}

/**
 * Makes a `fetch` for `Bun.serve` out of a handler that may call {@linkcode upgrade}. It needs its
 * `websocket` beside it, or {@linkcode websocket} if there are no options:
 *
 * ```ts ignore
 * const fetch = wrap(handler, { compression: true });
 * Bun.serve({ fetch, websocket: fetch.websocket });
 * ```
 *
 * What it returns is also the {@linkcode Hub} of the handler's sockets.
 *
 * @throws {TypeError} On another runtime: the message names its door.
 */
export function wrap(handler: Handler, options?: SocketOptions): BunApp {
  if (!("Bun" in globalThis)) throw wrongRuntime("wrap", "Bun");
  const host = new ServerCore(handler, options, diagnostics);
  return Object.assign(handle(host), host.hub(), { websocket: handlersFor(host) });
}

/**
 * Starts Bun's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, answering: UpgradeContext): Promise<Listening> {
  const place = await placeFor(where);
  const server = Bun.serve({
    ...place,
    fetch: handle(answering),
    websocket: handlersFor(answering),
    development: false, // else its answer to an error is a page that shows the sources
    error(error: unknown) { // for instance, a body that cannot be read any more
      answering.onError(error);
      return plain(500, "Internal Server Error");
    },
  });
  return {
    port: server.port ?? 0,
    stop: () => server.stop(false),
    drop: () => {
      server.stop(true).catch(() => {}); // nothing is left that could be told
    },
  };
}

/** Where to listen, as Bun wants to be told. */
async function placeFor({ port, hostname, reusePort, unix, tls }: Where): Promise<object> {
  const secure = tls && { tls };
  if (unix !== undefined) return { unix, ...secure };
  if (reusePort && platform() !== "linux") {
    throw unsupported("reusePort", "Bun does so on Linux only");
  }
  await lookup(hostname); // of a name that there is not, Bun tells what went wrong last instead
  return { port, hostname, reusePort, ...secure };
}
