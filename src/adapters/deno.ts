/**
 * Sockets on `Deno.serve` and `Deno.upgradeWebSocket`.
 *
 * Use this door where the server is somebody else's: `Deno.serve(wrap(handler))`, or a framework
 * that hands out Deno's own requests. Otherwise take `serve()` from the main door.
 *
 * @module
 */

import { diagnostics } from "../diagnostics.ts";
import { Host, type SocketOptions } from "../host.ts";
import type { Hub } from "../hub.ts";
import type { Listening } from "../server.ts";
import { type Acceptance, answer, type Answering, type Handler } from "../upgrade.ts";
import { WebLink } from "../web_link.ts";

export { UpgradeError } from "../handshake.ts";
export { upgrade } from "../upgrade.ts";

/** Where a request comes from, as Deno tells it. */
export interface DenoServeInfo {
  /** The peer; a unix socket's has no `hostname`. */
  readonly remoteAddr: object;
}

/** A handler for `Deno.serve`. */
export type DenoHandler = (request: Request, info: DenoServeInfo) => Promise<Response>;

/** The part of the `Deno` namespace that is used here. */
declare const Deno: {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: WebSocket; response: Response };
  serve(options: object, handler: DenoHandler): {
    readonly addr: { readonly hostname: string; readonly port: number };
    shutdown(): Promise<void>;
  };
};

/** The value of `readyState` when it is OPEN no more. */
const CLOSING = 2;

/** How many microtasks Deno takes to hand out what it has read. */
const READING_MICROTASKS = 10;

class DenoLink extends WebLink {
  /**
   * A peer that answers no Ping is sent a Close frame before Deno tells of the end. Behind what that
   * peer does not read, the frame waits for ever.
   */
  look(): void {
    if (this.socket.readyState >= CLOSING) this.events.closing();
  }

  /**
   * A frame that is read after `close()` makes Deno drop the connection, often before the Close
   * frame is written. So what has arrived is read first: 12 of 12 codes arrive, where 9 did.
   */
  override async close(code?: number, reason?: string): Promise<void> {
    for (let i = 0; i < READING_MICROTASKS; i++) await undefined;
    super.close(code, reason);
  }
}

/**
 * The headers of requests that are upgraded. Deno takes them away with the upgrade, and keeps the
 * rest as long as the socket. As one string they take a third of the memory.
 */
const kept = new WeakMap<Request, string | Headers>();

/** One getter for all requests: with one for each, their properties would take a kilobyte more. */
const KEPT: PropertyDescriptor = {
  get(this: Request): Headers {
    let headers = kept.get(this)!;
    if (typeof headers === "string") kept.set(this, headers = new Headers(JSON.parse(headers)));
    return headers;
  },
};

function accept(
  request: Request,
  keepAlive: number,
  { events, protocol, headers }: Acceptance,
): Response {
  const all = JSON.stringify([...request.headers]);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: keepAlive / 1000 });
  kept.set(request, all); // open listeners may still want them
  Object.defineProperty(request, "headers", KEPT);
  new DenoLink(socket, events, protocol); // Deno's own server socket does not know it
  for (const [name, value] of headers) response.headers.append(name, value);
  // Deno's own option refuses "b" where the client offers "a,b" without a space.
  if (protocol !== "") response.headers.set("sec-websocket-protocol", protocol);
  return response;
}

function handle(answering: Answering): DenoHandler {
  return (request, { remoteAddr }) => {
    const { hostname } = remoteAddr as { hostname?: string };
    const info = { remoteAddress: hostname, httpVersion: undefined };
    const { keepAlive } = answering;
    return answer(answering, request, info, (it) => accept(request, keepAlive, it));
  };
}

/**
 * Makes a handler that may call {@linkcode upgrade} out of yours, for a server that you start. What
 * it returns is also the {@linkcode Hub} of the handler's sockets.
 *
 * @example
 * ```ts
 * import { upgrade, wrap } from "@isosocket/isosocket/deno";
 * import { connect } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = wrap((request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 * await using server = Deno.serve({ port: 0, hostname: "127.0.0.1" }, handler);
 *
 * const socket = connect(`ws://127.0.0.1:${server.addr.port}`);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assertEquals(data, "hello");
 * socket.close();
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 */
export function wrap(handler: Handler, options?: SocketOptions): DenoHandler & Hub {
  const host = new Host(handler, options, diagnostics);
  return Object.assign(handle(host), host.hub());
}

/**
 * Starts Deno's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export function listen(
  where: { readonly port: number; readonly hostname: string },
  answering: Answering,
): Promise<Listening> {
  try {
    const server = Deno.serve({ ...where, onListen() {} }, handle(answering));
    const { hostname, port } = server.addr;
    let drop!: () => void;
    const dropped = new Promise<void>((resolve) => drop = resolve);
    // shutdown() waits for ever for an upgrade whose client left before the handler was ready, and
    // Deno has no other way to end: so that one is left behind.
    return Promise.resolve({
      hostname,
      port,
      stop: () => Promise.race([server.shutdown(), dropped]),
      drop,
    });
  } catch (error) {
    return Promise.reject(error);
  }
}
