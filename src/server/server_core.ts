/** What answers for the sockets of one server: their limits, number, errors and end. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import {
  checkCompression,
  type Compression,
  type CompressionOptions,
} from "../handshake/compression.ts";
import type { ConnectionOptions } from "../core/connection_options.ts";
import { checkProxies } from "../handshake/forwarded.ts";
import { Guard, type GuardOwner } from "./guard.ts";
import type { RefusalReason, UpgradeError } from "../handshake/handshake.ts";
import type { Hub, PublishOptions, Stats } from "./hub.ts";
import { type CheckedLimits, checkLimits, type Limits } from "./limits.ts";
import type { StartConnection } from "../core/link.ts";
import { type CheckedOrigins, checkOrigins, type Origins } from "../handshake/origin.ts";
import { Deadlines, type Limit } from "./patience.ts";
import type { Traffic } from "../pubsub/subscriber.ts";
import { Topics } from "../pubsub/topics.ts";
import { LivenessTimer } from "./liveness_timer.ts";
import { type Diagnostics, guarded } from "./reports.ts";
import { Capacity, type Place } from "./capacity.ts";
import { guardOf, ServerSocket } from "./server_socket.ts";
import { ServerStreams } from "./server_streams.ts";
import { Shutdown } from "./shutdown.ts";
import { convert } from "../core/payload.ts";
import type { Socket, SocketInit } from "../core/socket.ts";
import { checkTimeout } from "../core/checks.ts";
import type { Handler, RequestInfo, UpgradeContext } from "./upgrade.ts";

export type { Diagnostics } from "./reports.ts";

/** What the sockets of a server have in common. `upgrade()` may lower limits for one of them. */
export interface SocketOptions extends Limits {
  /**
   * Told of what handlers and listeners throw. A listener's error also becomes an `error` event,
   * and closes that one socket with 1011. It is also told of a body of a response that fails while it
   * is sent, except by Bun's own server, which tells nobody, and by a `Deno.serve()` of yours, which
   * has an option of its own for that.
   *
   * @default {console.error}
   */
  onError?: (error: unknown, socket?: Socket) => void;
  /**
   * How long a socket may take from `upgrade()` to its `open` event, in milliseconds; 0 for no limit.
   * `serve()` grants clients as long for their TLS handshake, and for the head of each request: on
   * Node, and with engine `"ws"`. Bun has a limit of its own for that, Deno none.
   *
   * @default {10000}
   */
  handshakeTimeout?: number;
  /**
   * Maximum time that a handler may take to answer a request for a WebSocket, in milliseconds; 0 for
   * no limit. Then the client gets 503 with `Retry-After`, and whatever the handler does later has no
   * effect: {@linkcode upgrade} throws. Requests for pages, streams of events and the like have no
   * such limit.
   *
   * @default {10000}
   */
  upgradeTimeout?: number;
  /**
   * How long a peer may take to answer a Close frame, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * After how much silence a peer is sent a Ping frame, in milliseconds; 0 for never. On Deno's own
   * server, which lets no program send one, half of {@linkcode SocketOptions.idleTimeout} counts
   * instead.
   *
   * @default {25000}
   */
  heartbeat?: number;
  /**
   * After how much silence a peer is taken for dead and its connection dropped, in milliseconds; 0
   * for never. Whatever comes breaks the silence: a message, a Ping, or the Pong that answers
   * {@linkcode SocketOptions.heartbeat}. Without a heartbeat, live peers that have nothing to say
   * are dropped too.
   *
   * @default {60000}
   */
  idleTimeout?: number;
  /**
   * How many sockets there may be, from CONNECTING to CLOSING, together with the requests for a
   * WebSocket whose handler has not answered yet. Further ones get 503 with `Retry-After`, and no
   * handler is called for them. When a client leaves while a handler is at work for it, its place is
   * free at once; of handlers that are still at work for such clients, there may be as many again.
   *
   * @default {65536}
   */
  maxConnections?: number;
  /**
   * How many of them may be from one address; of IPv6, from one network of 64 bits. Further ones get
   * 503 with `Retry-After`. Behind a proxy, all come from its address unless
   * {@linkcode SocketOptions.trustProxy} says otherwise.
   *
   * @default {Infinity}
   */
  maxConnectionsPerAddress?: number;
  /**
   * Which pages may connect: a list of origins, a function, or `"*"` for all. Others get 403. Without
   * it, the server's own: those whose `Origin` has the host and port of the `Host` header, and its
   * scheme where that is known. Clients that send no `Origin` are no browsers, and are let in.
   *
   * @default {undefined}
   */
  origins?: Origins;
  /**
   * How many proxies stand in front of the server; `true` for one. Then the address that a handler
   * is told, the origin that is the server's own, and `socket.url` follow the headers
   * `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, of which each proxy has added the
   * last entry, or handed on the only one. Without proxies, clients could forge them.
   *
   * @default {false}
   */
  trustProxy?: boolean | number;
  /**
   * Whether messages are compressed (permessage-deflate) for peers that offer it, as all browsers
   * do; what they compress is read. An object says which messages: those of `threshold` bytes or
   * more.
   *
   * It saves the network what it costs the processor: about 40 µs for a kilobyte of text. Each
   * message is compressed by itself, so none tells of another. But do not compress messages in which
   * a secret stands beside words that somebody else chooses: their length tells what they share.
   *
   * Deno's own server cannot do it: there, `serve()` takes the engine that can, and `wrap()` throws
   * `NotSupportedError`. "Compression" in docs/deploying.md says what it takes.
   *
   * @default {false}
   */
  compression?: boolean | CompressionOptions;
}

/** The sockets of one server, and what becomes of them. */
export class ServerCore implements UpgradeContext, GuardOwner {
  readonly handler: Handler;
  readonly onError: (error: unknown) => void;
  readonly options: ConnectionOptions;
  readonly limits: CheckedLimits;
  readonly compression: Compression | undefined;
  readonly sockets: Set<ServerSocket> = new Set();
  readonly traffic: Traffic = {
    received: 0,
    bytesReceived: 0,
    sent: 0,
    bytesSent: 0,
    dropped: 0,
  };
  readonly topics: Topics = new Topics(this.traffic, (error) => this.onError(error));
  readonly livenessTimer: LivenessTimer;
  readonly keepAlive: number;
  readonly origins: CheckedOrigins;
  readonly proxies: number;
  readonly limitUpgrade: Limit | undefined;

  readonly #clock: Clock | undefined;
  readonly #diagnostics: Diagnostics | undefined;
  readonly #room: Capacity;
  readonly #refused: Record<RefusalReason, number> = {
    handshake: 0,
    origin: 0,
    full: 0,
    closing: 0,
    handler: 0,
    timeout: 0,
  };
  readonly #codes: Record<number, number> = {};
  readonly #deadlines: Deadlines;
  readonly #shutdown: Shutdown;
  #open = 0;
  #opened = 0;

  /**
   * Checks the options.
   *
   * @param clock Where time comes from, if not from the system.
   */
  constructor(
    handler: Handler,
    options: SocketOptions = {},
    diagnostics?: Diagnostics,
    clock?: Clock,
  ) {
    if (typeof handler !== "function") {
      throw new TypeError("Cannot serve: the handler must be a function");
    }
    const {
      handshakeTimeout = 10_000,
      upgradeTimeout = 10_000,
      closeTimeout = 10_000,
      heartbeat = 25_000,
      idleTimeout = 60_000,
      maxConnections = 65_536,
      maxConnectionsPerAddress = Infinity,
      trustProxy = false,
    } = options;
    const report = (error: unknown, socket?: Socket): void =>
      guarded(() => {
        diagnostics?.threw(error, socket);
        if (options.onError !== undefined) return options.onError(error, socket);
        console.error(error);
      });
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.handler = handler;
    this.onError = (error) => report(error);
    this.options = {
      role: "server",
      openTimeout: checkTimeout("handshakeTimeout", handshakeTimeout),
      closeTimeout: checkTimeout("closeTimeout", closeTimeout),
      onError: (error, socket) => report(error, socket as Socket),
      clock,
      streams: ServerStreams,
    };
    checkTimeout("upgradeTimeout", upgradeTimeout);
    const timers = clock ?? systemClock;
    this.#deadlines = new Deadlines((callback) => timers.after(upgradeTimeout, callback));
    if (upgradeTimeout > 0) this.limitUpgrade = this.#deadlines.add;
    this.limits = checkLimits(options);
    this.compression = checkCompression(options.compression);
    this.livenessTimer = new LivenessTimer(
      checkTimeout("heartbeat", heartbeat),
      checkTimeout("idleTimeout", idleTimeout),
      clock,
    );
    this.keepAlive = heartbeat === 0 ? 0 : idleTimeout || 2 * heartbeat;
    this.origins = checkOrigins(options.origins);
    this.proxies = checkProxies(trustProxy);
    this.#room = new Capacity(maxConnections, maxConnectionsPerAddress);
    this.#shutdown = new Shutdown(this.sockets, {
      now: () => this.now(),
      after: (milliseconds, callback) => timers.after(milliseconds, callback),
    });
  }

  // What upgrade() asks.

  reserve({ remoteAddress }: RequestInfo): Place {
    this.#shutdown.check();
    return this.#room.reserve(remoteAddress);
  }

  checkCapacity({ remoteAddress }: RequestInfo, place?: Place): void {
    this.#shutdown.check();
    if (place === undefined) this.#room.check(remoteAddress);
  }

  admit(
    info: RequestInfo,
    init: SocketInit,
    limits: Limits,
    begin: StartConnection,
    place?: Place,
  ): ServerSocket {
    const checked = this.#limitsFor(limits);
    const address = place === undefined ? this.#room.enter(info.remoteAddress) : place.handOver();
    const guard = new Guard(checked, this, address);
    const socket = new ServerSocket({ ...init, guard }, this.options, begin, this.topics);
    this.sockets.add(socket);
    return socket;
  }

  refused(error: UpgradeError): void {
    this.#refused[error.reason]++;
    this.#diagnostics?.refused(error);
  }

  /** What a socket is held to: mostly what all are, and then it is the same object. */
  #limitsFor(limits: Limits): CheckedLimits {
    const checked = checkLimits(limits, this.limits);
    if (checked.maxPayload > this.limits.maxPayload) {
      throw new RangeError(
        `Cannot upgrade with maxPayload ${checked.maxPayload}: the server's is ${this.limits.maxPayload}`,
      );
    }
    const names = Object.keys(checked) as (keyof CheckedLimits)[];
    return names.every((name) => checked[name] === this.limits[name]) ? this.limits : checked;
  }

  // What guards ask, and tell.

  now(): number {
    return this.#clock?.now() ?? performance.now();
  }

  opened(guard: Guard): void {
    this.#open++;
    this.#opened++;
    this.topics.place(guard);
    this.#diagnostics?.opened(guard.connection.socket as ServerSocket);
  }

  closing(guard: Guard): void {
    this.#open--;
    this.topics.leave(guard);
  }

  sendabilityChanged(guard: Guard): void {
    this.topics.place(guard);
  }

  closed(guard: Guard, code: number): void {
    const socket = guard.connection.socket as ServerSocket;
    this.topics.leave(guard); // it may never have been OPEN
    this.sockets.delete(socket);
    this.#room.leave(guard.address);
    this.#codes[code] = (this.#codes[code] ?? 0) + 1;
    this.#diagnostics?.closed(socket, code);
    this.#shutdown.ended(code);
  }

  /**
   * What its user may ask.
   *
   * @param end What else is to end, and when at the latest, in milliseconds.
   */
  hub(end?: (deadline: number) => Promise<void>): Hub {
    const { topics } = this;
    return {
      sockets: this.sockets,
      publish(topic, data, { except }: PublishOptions = {}) {
        if (arguments.length < 2) {
          throw new TypeError("Cannot publish: 2 arguments are required, but there are fewer");
        }
        const outgoing = typeof data === "string" ? data : convert(data);
        return topics.publish(topic, outgoing, except && guardOf(except));
      },
      subscribers: (topic) => this.topics.count(topic),
      stats: () => this.#stats(),
      close: (options) =>
        this.#shutdown.begin(options, async (deadline) => {
          await end?.(deadline);
          this.#deadlines.end();
        }),
    };
  }

  #stats(): Stats {
    const { received, bytesReceived, sent, bytesSent, dropped } = this.traffic;
    return {
      open: this.#open,
      opened: this.#opened,
      refused: { ...this.#refused },
      received: { messages: received, bytes: bytesReceived },
      sent: { messages: sent, bytes: bytesSent },
      dropped,
      closed: { ...this.#codes },
    };
  }
}
