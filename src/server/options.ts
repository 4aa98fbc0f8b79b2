/** Options of a server's sockets: their documentation, their checks and their defaults. @module */

import {
  checkCompression,
  type Compression,
  type CompressionOptions,
} from "../handshake/compression.ts";
import type { Broker, BrokerEvent } from "../pubsub/broker/broker.ts";
import type { TopicHistory } from "../pubsub/history/topic_history.ts";
import type { Presence } from "../pubsub/presence/members.ts";
import { checkProxies } from "../handshake/forwarded.ts";
import { type CheckedLimits, checkLimits, LIMIT_OPTIONS, type Limits } from "./limits.ts";
import { type CheckedOrigins, checkOrigins, type Origins } from "../handshake/origin.ts";
import type { Refusal } from "./refusal.ts";
import { checkTimeout, kindOf } from "../core/checks.ts";
import { checkNames } from "../core/option_names.ts";
import type { Socket } from "../core/socket.ts";

/** Options that the sockets of a server share. `upgrade()` can set limits for one of them. */
export interface SocketOptions extends Limits {
  /**
   * Called with what handlers and listeners throw. A listener's error also becomes an `error`
   * event, and closes that one socket with 1011. It is called as well when the body of a response
   * fails while it is sent, except by Bun's own server, which does not report that, and by a
   * `Deno.serve()` of yours, which has an `onError` option of its own.
   *
   * @default {console.error}
   */
  onError?: (error: unknown, socket?: Socket) => void;
  /**
   * Called with each handshake that is refused: for a page of another origin, for instance, whose
   * developer sees nothing but a failed connection. `false` for nothing.
   *
   * By default, refusals are written to the console, by `console.warn()`: each origin once, and each
   * other reason once, up to 20 of a kind. Not written are refusals by the handler itself, of a server
   * that is closing, and of requests that do not come from a WebSocket client.
   *
   * @default {console.warn}
   */
  onRefuse?: ((refusal: Refusal) => void) | false;
  /**
   * Maximum time from `upgrade()` to the socket's `open` event, in milliseconds; 0 for no limit.
   * `serve()` applies it to the TLS handshake of a client and to the head of each request, too: on
   * Node, and with engine `"tcp"`. Bun has a limit of its own for that, Deno none.
   *
   * @default {10000}
   */
  handshakeTimeout?: number;
  /**
   * Maximum time that a handler may take to answer a request for a WebSocket, in milliseconds; 0
   * for no limit. Then the client gets 503 with `Retry-After`, and whatever the handler does later
   * has no effect: {@linkcode upgrade} throws. Other requests, for instance for pages or event
   * streams, have no such limit.
   *
   * @default {10000}
   */
  upgradeTimeout?: number;
  /**
   * Maximum time that a peer may take to answer a Close frame, in milliseconds; 0 for no limit. It begins
   * when what was sent before has left, so a slow peer gets all of it; while nothing leaves, it runs too.
   * Systems tell what has left in pieces of up to 1 MiB, and Deno's own server in whole messages: a peer
   * that takes longer for one of them counts as one that takes nothing.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * Silence after which a peer is sent a Ping frame, in milliseconds; 0 for never. Deno's own
   * server has no API to send one: there, half of {@linkcode SocketOptions.idleTimeout} applies
   * instead.
   *
   * @default {25000}
   */
  heartbeat?: number;
  /**
   * Silence after which a peer is considered dead and its connection is dropped, in milliseconds; 0
   * for never. Any message, Ping or Pong of the peer ends the silence, also the Pong that answers
   * {@linkcode SocketOptions.heartbeat}. Without a heartbeat, live peers that have nothing to send
   * are dropped too.
   *
   * @default {60000}
   */
  idleTimeout?: number;
  /**
   * Maximum number of sockets, from CONNECTING to CLOSING, together with the requests for a
   * WebSocket whose handler has not answered yet. Further requests get 503 with `Retry-After`, and
   * no handler is called for them. When a client disconnects while a handler is at work for it, its
   * place is free at once; the number of handlers that are still at work for such clients may be as
   * large again.
   *
   * @default {65536}
   */
  maxConnections?: number;
  /**
   * Maximum number of the same sockets and requests from one IPv4 address, or from one IPv6 network of
   * 64 bits. Further requests
   * get 503 with `Retry-After`. Behind a proxy, all of them come from its address unless
   * {@linkcode SocketOptions.trustProxy} is set.
   *
   * @default {Infinity}
   */
  maxConnectionsPerAddress?: number;
  /**
   * Origins of the pages that may connect: a list, a function, or `"*"` for all. Others get 403.
   * Without it, pages of the server's own origin may connect: those whose `Origin` has the host and
   * port of the `Host` header, and its scheme where that is known. Clients that send no `Origin`
   * are not browsers, and may connect.
   *
   * @default {undefined}
   */
  origins?: Origins;
  /**
   * Number of proxies in front of the server; `true` for one. Then the `remoteAddress` of a
   * request, the server's own origin, and `socket.url` follow the headers `X-Forwarded-For`,
   * `X-Forwarded-Proto` and `X-Forwarded-Host`, to which each proxy has appended an entry, or whose
   * only entry it has passed on. Without proxies, clients could forge them.
   *
   * @default {false}
   */
  trustProxy?: boolean | number;
  /**
   * Whether messages are compressed (permessage-deflate) for peers that offer it, as all browsers
   * do, and compressed messages of theirs are accepted. An object sets which messages are
   * compressed, those of `threshold` bytes or more, and whether they may refer to earlier ones.
   *
   * It saves bandwidth and costs CPU time: compressing a kilobyte of JSON takes about 15 µs on Node 24.
   * Each message is compressed by itself, so the length of one reveals nothing of another, unless
   * `contextTakeover` is set. But do not compress messages in which a secret stands beside text that
   * somebody else chooses: their length reveals what the two have in common.
   *
   * Deno's own server does not support it: there, `serve()` uses engine `"tcp"`, and `wrap()` throws
   * `NotSupportedError`. "Compression" in docs/deploying.md lists its costs.
   *
   * @default {false}
   */
  compression?: boolean | CompressionOptions;
  /**
   * Broker that takes what is published to the servers of other processes that use it too, and brings
   * what they publish: made by `redis()`, `nats()`, `postgres()` or `cluster()` of the entry points with these names. docs/brokers.md says what is promised. `hub.close()` ends its connection.
   *
   * ```ts ignore
   * import { redis } from "@isosocket/isosocket/redis";
   *
   * const server = await serve({ broker: redis("redis://127.0.0.1") }, handler);
   * ```
   *
   * @default {undefined}
   */
  broker?: Broker;
  /**
   * Called when the {@linkcode SocketOptions.broker} is up, when it is down, and when messages of
   * another server are lost.
   *
   * @default {undefined}
   */
  onBroker?: (event: BrokerEvent) => void;
  /**
   * Topics that keep a history, made by `history()` of the entry point `./history`: clients that come
   * back get what they have missed. docs/recovery.md says what is promised. Each server needs one of
   * its own.
   *
   * @default {undefined}
   */
  history?: TopicHistory;
  /**
   * Who is there, made by `presence()` of the entry point `./presence`. docs/presence.md says what is
   * promised. Each server needs one of its own.
   *
   * @default {undefined}
   */
  presence?: Pick<Presence, "attach">;
}

/** {@linkcode SocketOptions} with their defaults, checked. */
export interface CheckedSocketOptions {
  /** May throw, or return a promise that rejects. */
  readonly onError: (error: unknown, socket?: Socket) => unknown;
  /** May throw, or return a promise that rejects; `undefined` for the console. */
  readonly onRefuse: ((refusal: Refusal) => unknown) | false | undefined;
  readonly handshakeTimeout: number;
  readonly upgradeTimeout: number;
  readonly closeTimeout: number;
  readonly heartbeat: number;
  readonly idleTimeout: number;
  /** Not checked here: `Capacity` does. */
  readonly maxConnections: number;
  /** Not checked here: `Capacity` does. */
  readonly maxConnectionsPerAddress: number;
  readonly limits: CheckedLimits;
  readonly origins: CheckedOrigins;
  /** `trustProxy` as a number. */
  readonly proxies: number;
  readonly compression: Compression | undefined;
  readonly broker: Broker | undefined;
  /** May throw, or return a promise that rejects. */
  readonly onBroker: ((event: BrokerEvent) => unknown) | undefined;
  readonly history: TopicHistory | undefined;
  readonly presence: Pick<Presence, "attach"> | undefined;
}

/** Names of {@linkcode SocketOptions}. */
export const SOCKET_OPTIONS: Readonly<Record<keyof SocketOptions, 0>> = {
  ...LIMIT_OPTIONS,
  onError: 0,
  onRefuse: 0,
  handshakeTimeout: 0,
  upgradeTimeout: 0,
  closeTimeout: 0,
  heartbeat: 0,
  idleTimeout: 0,
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
  origins: 0,
  trustProxy: 0,
  compression: 0,
  broker: 0,
  onBroker: 0,
  history: 0,
  presence: 0,
};

const OF_UPGRADE = "it is an option of upgrade()";
const OF_SERVE = "it is an option of serve()";
const OF_TLS = "it belongs to the option tls";
const IS_HANDLER = "the handler is an argument of its own";
const IS_OF_HANDLER = "the handler decides that, by what it returns";

/** Sentences on options that belong elsewhere here, or that other packages have. */
const OTHERS: Readonly<Record<string, string>> = {
  protocols: OF_UPGRADE,
  headers: OF_UPGRADE,
  binaryType: OF_UPGRADE,
  port: OF_SERVE,
  hostname: OF_SERVE,
  tls: OF_SERVE,
  engine: OF_SERVE,
  key: OF_TLS,
  cert: OF_TLS,
  passphrase: OF_TLS,
  fetch: IS_HANDLER,
  handler: IS_HANDLER,
  path: IS_OF_HANDLER,
  verifyClient: IS_OF_HANDLER,
  perMessageDeflate: 'here, it is "compression"',
  backpressureLimit: 'here, it is "maxBuffered"',
  pingInterval: 'here, it is "heartbeat"',
  cors: 'browsers do not ask for it with WebSockets, but "origins" lists who may connect',
  server: 'to a server of yours, it is attach() of "@isosocket/isosocket/node"',
};

/**
 * Checks the names of a server's options.
 *
 * @param what What cannot be done with them, for the message: `"serve"`.
 * @param more Names of options beside {@linkcode SocketOptions}.
 * @throws {TypeError} If there is an unknown one, or they are no object.
 */
export function checkSocketOptionNames(
  what: string,
  options: SocketOptions,
  more: Readonly<Record<string, 0>> = {},
): void {
  checkNames(what, options, { ...OTHERS, ...SOCKET_OPTIONS, ...more });
}

/** Checks an option that is a function. */
function checkFunction<T>(name: string, value: T, other = ""): T {
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`Cannot use ${name}: it must be a function${other}, and is ${kindOf(value)}`);
}

/** Checks an option that is an object with a method. */
function checkMade(name: string, value: unknown, method: string, by: string): void {
  if (value === undefined || typeof Object(value)[method] === "function") return;
  throw new TypeError(
    `Cannot use ${name}: it must be one as ${by} them, and is ${kindOf(value)}`,
  );
}

/**
 * Checks the options of a server's sockets, and adds their defaults.
 *
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If another option is invalid.
 */
export function checkSocketOptions(options: SocketOptions): CheckedSocketOptions {
  const {
    handshakeTimeout = 10_000,
    upgradeTimeout = 10_000,
    closeTimeout = 10_000,
    heartbeat = 25_000,
    idleTimeout = 60_000,
    maxConnections = 65_536,
    maxConnectionsPerAddress = Infinity,
    trustProxy = false,
    broker,
    onBroker,
    history,
    presence,
  } = options;
  checkFunction("onError", options.onError);
  checkFunction("onBroker", onBroker);
  checkMade("broker", broker, "connect", "redis() or cluster() makes");
  checkMade("history", history, "attach", "history() makes");
  checkMade("presence", presence, "attach", "presence() makes");
  const { onRefuse } = options;
  return {
    onError: (error, socket) =>
      options.onError === undefined ? console.error(error) : options.onError(error, socket),
    onRefuse: onRefuse === false ? false : checkFunction("onRefuse", onRefuse, " or false"),
    handshakeTimeout: checkTimeout("handshakeTimeout", handshakeTimeout),
    closeTimeout: checkTimeout("closeTimeout", closeTimeout),
    upgradeTimeout: checkTimeout("upgradeTimeout", upgradeTimeout),
    limits: checkLimits(options),
    compression: checkCompression(options.compression),
    heartbeat: checkTimeout("heartbeat", heartbeat),
    idleTimeout: checkTimeout("idleTimeout", idleTimeout),
    origins: checkOrigins(options.origins),
    proxies: checkProxies(trustProxy),
    maxConnections,
    maxConnectionsPerAddress,
    broker,
    onBroker,
    history,
    presence,
  };
}

/**
 * Checks the limits of one socket.
 *
 * @param own Limits given to `upgrade()`.
 * @param base Limits of its server.
 * @returns The limits: `base` itself if they are the same, to save memory.
 * @throws {RangeError} If a limit is out of its range, or `maxPayload` is more than the server's.
 */
export function limitsFor(own: Limits, base: CheckedLimits): CheckedLimits {
  const checked = checkLimits(own, base);
  if (checked.maxPayload > base.maxPayload) {
    throw new RangeError(
      `Cannot upgrade with maxPayload ${checked.maxPayload}: the server's is ${base.maxPayload}`,
    );
  }
  const names = Object.keys(checked) as (keyof CheckedLimits)[];
  return names.every((name) => checked[name] === base[name]) ? base : checked;
}
