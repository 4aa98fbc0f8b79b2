/**
 * Sockets on `Deno.serve` and `Deno.upgradeWebSocket`.
 *
 * Use this door where the server is somebody else's: `Deno.serve(wrap(handler))`, or a framework
 * that hands out Deno's own requests. Otherwise take `serve()` from the main door.
 *
 * @module
 */

import { endPings, signalOf } from "./internals.ts";
import { diagnostics } from "../diagnostics_channel.ts";
import { ServerCore } from "../../server/server_core.ts";
import type { SocketOptions } from "../../server/options.ts";
import type { Hub } from "../../server/hub.ts";
import type { Bytes } from "../../core/link.ts";
import { type Listening, type Pem, unsupported, type Where } from "../../server/listening.ts";
import { type Watch, watchSignal } from "../../server/handler_wait.ts";
import { plain } from "../../server/response.ts";
import { removeAbandoned } from "../socket_file.ts";
import { queueTask } from "../../core/task.ts";
import { answer } from "../../server/answer.ts";
import type { Acceptance, Handler, UpgradeContext } from "../../server/handler.ts";
import { isBodyLocked } from "../locked_body.ts";
import { WebLink } from "../web/link.ts";
import { wrongRuntime } from "../wrong_runtime.ts";

export { UpgradeError } from "../../handshake/upgrade_error.ts";
export { upgrade } from "../../server/upgrade.ts";

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
  serve(
    options: object,
    handler: (request: Request, info: OwnServeInfo) => Promise<Response>,
  ): {
    readonly addr: { readonly port?: number };
    readonly finished: Promise<void>;
    shutdown(): Promise<void>;
  };
  readonly build: { readonly os: string };
  addSignalListener(signal: string, listener: () => void): void;
  removeSignalListener(signal: string, listener: () => void): void;
};

/** What Deno tells in our own server, besides. */
interface OwnServeInfo extends DenoServeInfo {
  /** Settles when the request is answered, or its client gone. */
  readonly completed: Promise<void>;
}

/** The value of `readyState` when it is OPEN no more. */
const CLOSING = 2;

/** Bytes that Deno takes for a message that waits, beside its own. */
const OVERHEAD = 640;

/** How many microtasks Deno takes to hand out what it has read. */
const READING_MICROTASKS = 10;

/** How many tasks Deno takes to tell that a client has left. With one, it is late for some. */
const READING_TASKS = 3;

class DenoLink extends WebLink {
  /** Deno counts what it has been given until it is written. It takes a while to ask it. */
  mostBuffered = 0;

  /** Messages since nothing waited, and how long they were. */
  #messages = 0;
  #bytes = 0;

  override get bufferedAmount(): number {
    const amount = super.bufferedAmount;
    if (amount === 0) this.#messages = this.#bytes = 0;
    this.mostBuffered = amount + this.#overheadOf(amount);
    return amount;
  }

  /** Of messages that wait, only their bytes are known: it is as if all were as long. */
  get overhead(): number {
    return this.#overheadOf(super.bufferedAmount);
  }

  #overheadOf(amount: number): number {
    return amount === 0 ? 0 : this.#messages * OVERHEAD * Math.min(1, amount / this.#bytes);
  }

  override send(data: string | Bytes): void {
    const size = typeof data === "string" ? data.length : data.byteLength;
    this.#messages++;
    this.#bytes += size;
    this.mostBuffered += 3 * size + OVERHEAD;
    super.send(data);
  }

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
  override close(code?: number, reason?: string): void {
    this.#closeAfterReading(code, reason).catch((error) => this.events.failed(error));
  }

  async #closeAfterReading(code?: number, reason?: string): Promise<void> {
    for (let i = 0; i < READING_MICROTASKS; i++) await undefined;
    super.close(code, reason);
  }

  override handleEvent(event: Event): void {
    super.handleEvent(event);
    if (event.type === "close" && (event as CloseEvent).code === 0) endPings(this.socket);
  }
}

/**
 * The headers of requests that are answered, for whoever still wants them. Deno takes them away with
 * the answer, and keeps the rest as long as the socket. As one string they take a third of the memory.
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

function keepHeaders(request: Request): void {
  kept.set(request, JSON.stringify([...request.headers]));
  Object.defineProperty(request, "headers", KEPT);
}

/**
 * The runtime's own upgrade. For a client that has left, Deno would keep the connection for ever, and
 * as many as there may be descriptors end its server. So whatever has arrived is read first.
 */
async function accept(
  request: Request,
  keepAlive: number,
  { events, protocol, headers }: Acceptance,
): Promise<Response | false> {
  const signal = signalOf(request);
  for (let i = 0; i < READING_TASKS && !signal.aborted; i++) {
    await new Promise<void>((resolve) => queueTask(resolve));
  }
  if (signal.aborted) return false;
  keepHeaders(request); // open listeners may still want them
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: keepAlive / 1000 });
  new DenoLink(socket, events, protocol); // Deno's own server socket does not know it
  for (const [name, value] of headers) response.headers.append(name, value);
  // Deno's own option refuses "b" where the client offers "a,b" without a space.
  if (protocol !== "") response.headers.set("sec-websocket-protocol", protocol);
  return response;
}

const UNIX = "http+unix:";

/** On a unix socket, Deno has a scheme of its own, and its path for a host where none is named. */
function useHttp(request: Request): void {
  const { url, headers } = request;
  const path = url.indexOf("/", UNIX.length + "//".length);
  const value = headers.get("host")
    ? `http:${url.slice(UNIX.length)}`
    : `http://localhost${url.slice(path)}`;
  Object.defineProperty(request, "url", { value });
}

function handle(answering: UpgradeContext): DenoHandler {
  if (answering.compression !== undefined) {
    throw new DOMException(
      'Cannot compress on Deno\'s own server: it must be serve() with engine "ws", the default then',
      "NotSupportedError",
    );
  }
  return async (request, { remoteAddr }) => {
    if (request.url.startsWith(UNIX)) useHttp(request);
    const { hostname } = remoteAddr as { hostname?: string };
    const info = { remoteAddress: hostname, httpVersion: undefined };
    const { keepAlive } = answering;
    let hasWaited = false;
    const watch: Watch = (left) => {
      hasWaited = true;
      return watchSignal(signalOf(request))(left);
    };
    const accepted = (it: Acceptance) => accept(request, keepAlive, it);
    const runtime = { info, accept: accepted, watch, isBodyLocked };
    const response = await answer(answering, request, runtime);
    if (hasWaited && !kept.has(request)) keepHeaders(request); // the handler may still be at work
    return response;
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
 *
 * @throws {TypeError} On another runtime: the message names its door.
 */
export function wrap(handler: Handler, options?: SocketOptions): DenoHandler & Hub {
  if (!("Deno" in globalThis)) throw wrongRuntime("wrap", "Deno");
  const host = new ServerCore(handler, options, diagnostics);
  return Object.assign(handle(host), host.hub());
}

/**
 * Starts Deno's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, answering: UpgradeContext): Promise<Listening> {
  const place = await placeFor(where);
  const handler = handle(answering);
  const controller = new AbortController();
  const onError = (error: unknown): Response => { // for instance, a body that cannot be read any more
    answering.onError(error);
    return plain(500, "Internal Server Error");
  };
  const options = { ...place, signal: controller.signal, onListen() {}, onError };
  let isEnding = false;
  let isShuttingDown = false;
  let underWay = 0;
  let lastAnswer = -FLUSH;
  let emptied: (() => void) | undefined;
  const completed = (): void => {
    underWay--;
    lastAnswer = performance.now();
    if (underWay === 0) emptied?.();
  };
  const respond = (request: Request, info: OwnServeInfo): Promise<Response> => {
    if (isEnding) return Promise.resolve(unavailable());
    underWay++;
    info.completed.then(completed, completed);
    return handler(request, info);
  };
  prepareSignals();
  const servers = [Deno.serve(options, respond)];
  const { port = 0 } = servers[0]!.addr;
  const watchOver = ({ finished }: { finished: Promise<void> }): void => {
    finished.catch((cause) => {
      if (isEnding) return;
      const message = "Cannot accept connections: Deno's server has ended, and is started again";
      answering.onError(new Error(message, { cause }));
      startLater();
    });
  };
  const startLater = (): void => {
    setTimeout(() => {
      startAgain().catch(startLater);
    }, PAUSE);
  };
  const startAgain = async (): Promise<void> => {
    if (where.unix !== undefined) await removeAbandoned(where.unix);
    if (isEnding) return;
    const server = Deno.serve({ ...options, ...(where.unix === undefined && { port }) }, respond);
    servers.push(server);
    watchOver(server);
  };
  watchOver(servers[0]!);
  const stop = async (): Promise<void> => {
    isEnding = true;
    if (underWay > 0) await new Promise<void>((resolve) => emptied = resolve);
    if (where.tls === undefined) {
      // From here on, Deno cannot be told to drop anything.
      isShuttingDown = true;
      await Promise.allSettled(servers.map((server) => server.shutdown()));
    } else { // shutdown() would wait for all who have not begun their TLS handshake
      const rest = lastAnswer + FLUSH - performance.now();
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      controller.abort();
      await Promise.allSettled(servers.map((server) => server.finished));
    }
  };
  let dropped!: () => void;
  const drop = new Promise<void>((resolve) => dropped = resolve);
  return {
    port,
    stop: () => Promise.race([stop(), drop]),
    drop() {
      if (!isShuttingDown) controller.abort();
      dropped();
    },
  };
}

/**
 * Makes what Deno needs for signals while there are descriptors for it: the first who needs it later,
 * when clients have taken them all, makes Deno panic.
 */
function prepareSignals(): void {
  if (Deno.build.os === "windows") return; // it has no such signal, and no such limit
  const ignore = (): void => {};
  Deno.addSignalListener("SIGWINCH", ignore);
  Deno.removeSignalListener("SIGWINCH", ignore);
}

/**
 * ms: how long Deno's server rests that has ended by itself. It does so where a connection cannot be
 * accepted, for instance for lack of descriptors.
 */
const PAUSE = 200;

/** ms: how long an answer may take to leave where Deno tells of it before it has left. */
const FLUSH = 500;

function unavailable(): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "retry-after": "1" };
  return new Response("Service Unavailable\n", { status: 503, headers });
}

/** Where to listen, as Deno wants to be told. */
async function placeFor({ port, hostname, reusePort, unix, tls }: Where): Promise<object> {
  if (unix !== undefined) {
    if (tls === undefined) return { path: unix };
    throw unsupported("unix and tls", "Deno's own server does not use the certificate there");
  }
  if (reusePort && Deno.build.os === "windows") {
    throw unsupported("reusePort", "Windows does not have it");
  }
  if (reusePort && !("listenDatagram" in Deno)) { // Deno would end the process
    throw unsupported("reusePort", "Deno's own server does so only with the flag --unstable-net");
  }
  return { port, hostname, reusePort, ...(tls && await decrypted(tls)) };
}

/** Deno takes no passphrase for a key, but can read the key with it. */
async function decrypted({ key, cert, passphrase }: Pem): Promise<Pem> {
  if (passphrase === undefined) return { key, cert };
  const { createPrivateKey } = await import("node:crypto");
  const plain = createPrivateKey({ key, passphrase }).export({ type: "pkcs8", format: "pem" });
  return { key: plain.toString(), cert };
}
